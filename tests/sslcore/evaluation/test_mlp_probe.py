"""The MLP readout: its arithmetic, what a line cannot read, and its choice without the queries."""

import numpy as np
import pytest
import torch
from sklearn.datasets import make_moons
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from sslcore.data.pool import Cancelled
from sslcore.evaluation import linear, mlp_probe
from sslcore.evaluation.mlp_probe import Mlp, Setting, Training

SMALL = Training(steps=200, hidden=32, batch_size=64)


@pytest.fixture(scope="module")
def moons():
    """Two interleaved half circles, 400 for the bank and 400 queries, off centre and unscaled."""
    points, labels = make_moons(800, noise=0.15, random_state=0)
    points = points * [1.0, 50.0] + [3.0, -7.0]
    return points[:400], labels[:400], points[400:], labels[400:]


SURE = Training(steps=200, hidden=32, batch_size=64, dropout=0.0)


def test_the_network_is_what_it_says():
    network = Mlp(3, 5, 2, 0.2, torch.Generator().manual_seed(0)).eval()
    network.norm.running_mean.uniform_(-1, 1)
    network.norm.running_var.uniform_(1, 2)
    rows = np.random.default_rng(0).normal(size=(4, 3))
    parts = {name: one.double().numpy() for name, one in network.state_dict().items()}
    for row, found in zip(rows, network(torch.from_numpy(rows).float()), strict=True):
        hidden = parts["first"] @ row
        spread = np.sqrt(parts["norm.running_var"] + 1e-5)
        hidden = (hidden - parts["norm.running_mean"]) / spread
        hidden = np.maximum(hidden * parts["norm.weight"] + parts["norm.bias"], 0)
        expected = parts["second"] @ hidden + parts["bias"]
        np.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-5, atol=1e-6)


def test_dropout_leaves_out_a_share_and_keeps_the_mean():
    network = Mlp(999, 2, 2, 0.2, torch.Generator().manual_seed(0)).train()
    found = network._thinned(torch.ones(51, 999))
    assert found.unique().tolist() == pytest.approx([0.0, 1.25], abs=0.01)
    assert float(found.mean()) == pytest.approx(1.0, abs=0.01)
    assert float((found == 0).float().mean()) == pytest.approx(0.2, abs=0.01)
    assert torch.equal(network.eval()._thinned(torch.ones(2, 3)), torch.ones(2, 3))


def test_it_reads_what_a_line_cannot_as_well_as_scikit_learn(moons):
    bank, labels, queries, truth = moons
    line, _ = linear.chosen(bank, labels)
    flat = linear.measure(line, queries, truth).top_1
    # Of two numbers neither can be left out, so this is without dropout.
    settings = (Setting(1e-3, 1e-2), Setting(2e-2, 1e-2))
    probe = mlp_probe.chosen(bank, labels, settings=settings, training=SURE)
    found = mlp_probe.measure(probe, queries, truth)
    scaler = StandardScaler().fit(bank)
    other = MLPClassifier((32,), max_iter=2000, random_state=0)
    other.fit(scaler.transform(bank), labels)
    assert flat < 0.9
    assert found.top_1 > 0.95
    assert found.top_1 == pytest.approx(other.score(scaler.transform(queries), truth), abs=0.02)
    assert found.confusion.sum() == 400


def test_moving_and_scaling_features_changes_nothing(moons):
    bank, labels, queries, _ = moons
    setting = mlp_probe.SETTINGS[0]
    one = mlp_probe.fit(bank, labels, setting, SMALL).scores(queries)
    other = mlp_probe.fit(bank * 4 + 8, labels, setting, SMALL).scores(queries * 4 + 8)
    torch.testing.assert_close(one, other, atol=0.05, rtol=0.05)


def test_the_seed_alone_decides_and_torchs_own_generator_is_left_alone(moons):
    bank, labels, queries, _ = moons
    torch.manual_seed(5)
    state = torch.get_rng_state()
    one = mlp_probe.chosen(bank, labels, seed=1, training=SMALL)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(6)
    again = mlp_probe.chosen(bank, labels, seed=1, training=SMALL)
    assert torch.equal(one.scores(queries), again.scores(queries))
    other = mlp_probe.chosen(bank, labels, seed=2, training=SMALL)
    assert not torch.equal(one.scores(queries), other.scores(queries))


def test_the_setting_is_chosen_on_a_part_of_the_bank(moons):
    bank, labels, _, _ = moons
    useless = Setting(0.0, 0.0)  # a network that never moves
    probe = mlp_probe.chosen(
        bank, labels, settings=(useless, mlp_probe.SETTINGS[1]), training=SMALL
    )
    assert probe.setting == mlp_probe.SETTINGS[1]
    assert probe.trials[useless] < probe.trials[probe.setting]
    alone = mlp_probe.chosen(bank, labels, settings=(useless,), training=SMALL)
    assert (alone.setting, alone.trials) == (useless, {})


def test_weight_decay_keeps_weights_small(moons):
    bank, labels, _, _ = moons
    loose = mlp_probe.fit(bank, labels, Setting(1e-2, 0.0), SMALL).network
    tight = mlp_probe.fit(bank, labels, Setting(1e-2, 1.0), SMALL).network
    assert float(tight.second.detach().norm()) < float(loose.second.detach().norm())


def test_few_images_unlabelled_rows_and_constant_features_are_fine():
    features = np.array([[0.0, 1.0, 5.0], [1.0, 0.0, 5.0], [9.0, 9.0, 9.0]])[[0, 1, 0, 1, 2]]
    features[:, 2] = 5
    probe = mlp_probe.chosen(features, np.array([0, 1, -1, -1, -1]), training=SMALL)
    assert probe.trials == {}
    found = mlp_probe.measure(probe, features[:2], np.array([0, 1]))
    assert found.top_1 == 1.0
    same = mlp_probe.chosen(features[:2], np.array([0, 1]), training=SMALL)
    assert torch.equal(probe.scores(features), same.scores(features))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f, y: (f, np.zeros_like(y)), "of one class"),
        (lambda f, y: (f, -np.ones_like(y)), "no image has a label"),
        (lambda f, y: (f, y[:-1]), "as many labels"),
        (lambda f, y: (np.where(f > 0, np.nan, f), y), "NaN or infinity"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_a_remedy(moons, change, words):
    features, labels = change(moons[0], moons[1])
    with pytest.raises(ValueError, match=words):
        mlp_probe.chosen(features, labels, training=SMALL)


def test_bad_numbers_and_other_encoders_are_refused(moons):
    bank, labels, _, _ = moons
    for wrong in ({"steps": 0}, {"batch_size": 1}, {"hidden": 0}, {"dropout": 1.0}):
        with pytest.raises(ValueError, match="at least 1"):
            Training(**wrong)
    probe = mlp_probe.fit(bank, labels, mlp_probe.SETTINGS[0], Training(steps=1))
    with pytest.raises(ValueError, match="same encoder"):
        probe.scores(bank[:, :1])


def test_it_can_be_watched_and_called_off(moons):
    bank, labels, _, _ = moons
    told = []
    mlp_probe.chosen(bank, labels, training=Training(8), progress=lambda *one: told.append(one))
    assert told == [(done, 16) for done in range(1, 17)]  # four trials of two steps, then eight
    asked = iter([False] * 3 + [True] * 9)
    with pytest.raises(Cancelled):
        mlp_probe.chosen(bank, labels, training=Training(8), cancelled=lambda: next(asked))
