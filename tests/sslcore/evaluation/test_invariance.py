"""The invariance profile: against a slow derivation, and with encoders whose answer is known."""

import numpy as np
import pytest
import torch
from torch import nn

from sslcore.augment.view import mixed_seed
from sslcore.data.pool import Cancelled
from sslcore.evaluation.features import resized
from sslcore.evaluation.invariance import BLOCK, baseline, path, profiles
from sslcore.evaluation.perturbations import find


class Memory:
    def __init__(self, images):
        self.images = images

    def read(self, rows):
        return self.images[torch.from_numpy(rows)]


@pytest.fixture
def store():
    return Memory(torch.rand(70, 3, 10, 10, generator=torch.Generator().manual_seed(0)))


def brightness_only(images):
    """Blind to where anything is: mean and spread of every channel, around nothing."""
    return torch.cat([images.mean((-2, -1)) - 0.5, images.std((-2, -1)) - 0.3], 1)


def flattened(images):
    return images.flatten(1) - 0.5


def cosine(a, b):
    return float((a * b).sum() / (a.norm() * b.norm()))


def test_a_slow_derivation_finds_the_same(store):
    rows = np.arange(2, 70)  # two blocks, the second a short one
    wanted = find(["rotation", "noise"])
    found = profiles({"plain": flattened}, store, rows, wanted, seed=3, image_size=8)["plain"]
    clean = flattened(resized(store.images[2:], 8)).double()
    pairs = [cosine(a, b) for i, a in enumerate(clean) for b in clean[:i]]
    assert found.baseline == pytest.approx(np.mean(pairs), abs=1e-6)
    assert (found.baseline_lower, found.baseline_upper) == pytest.approx(
        tuple(np.quantile(pairs, [0.25, 0.75])), abs=1e-6
    )
    assert found.images == 68
    assert [one.key for one in found.curves] == ["rotation", "noise"]
    for one, curve in zip(wanted, found.curves, strict=True):
        assert curve.strengths == one.strengths
        for place, strength in enumerate(one.strengths):
            cosines, hits = [], 0
            for block, start in enumerate(range(0, 68, BLOCK)):
                generator = torch.Generator().manual_seed(mixed_seed(3, one.key, block))
                images = store.images[2 + start : 2 + start + BLOCK]
                changed = flattened(one(images, strength, generator, 8)).double()
                for number, row in enumerate(changed, start):
                    own = [cosine(row, other) for other in clean]
                    cosines.append(own[number])
                    hits += own[number] > max(own[:number] + own[number + 1 :])
            assert curve.mean[place] == pytest.approx(np.mean(cosines), abs=1e-6)
            quartiles = (curve.lower[place], curve.median[place], curve.upper[place])
            expected = np.quantile(cosines, [0.25, 0.5, 0.75])
            assert quartiles == pytest.approx(tuple(expected), abs=1e-6)
            assert curve.retrieved[place] == pytest.approx(hits / 68)
            part = (np.mean(cosines) - np.mean(pairs)) / (1 - np.mean(pairs))
            assert curve.normalised[place] == pytest.approx(part, abs=1e-6)


def test_an_encoder_blind_to_place_ignores_flips_and_sees_brightness(store):
    wanted = find(["flip", "brightness"])
    found = profiles({"blind": brightness_only, "plain": flattened}, store, range(70), wanted)
    flip, brightness = found["blind"].curves
    np.testing.assert_allclose(flip.mean, 1.0, atol=1e-5)
    np.testing.assert_allclose(flip.normalised, 1.0, atol=1e-4)
    assert flip.retrieved.tolist() == [1.0]
    assert brightness.mean[-1] < 0.9
    assert found["plain"].curves[0].mean[0] < 0.2


def test_a_collapsed_encoder_is_not_called_invariant(store):
    def collapsed(images):
        return torch.ones(len(images), 4) + 1e-5 * images.mean((1, 2, 3))[:, None]

    found = profiles({"trained": collapsed}, store, range(70), find(["crop"]))["trained"]
    assert found.collapsed
    np.testing.assert_allclose(found.curves[0].mean, 1.0, atol=1e-6)
    assert np.isnan(found.curves[0].normalised).all()
    assert found.curves[0].retrieved.max() < 0.2
    healthy = profiles({"one": flattened}, store, range(70), find(["crop"]))["one"]
    assert not healthy.collapsed


def test_the_seed_decides_and_encoders_do_not_disturb_one_another(store):
    wanted = find(["crop", "hue"])
    one = profiles({"a": flattened}, store, range(70), wanted, seed=1)["a"]
    both = profiles({"b": brightness_only, "a": flattened}, store, range(70), wanted, seed=1)["a"]
    other = profiles({"a": flattened}, store, range(70), wanted, seed=2)["a"]
    assert one.curves[0].mean.tolist() == both.curves[0].mean.tolist()
    assert one.curves[0].mean.tolist() != other.curves[0].mean.tolist()


def test_modules_are_read_in_evaluation_mode_without_gradients(store):
    seen = []

    class Watched(nn.Module):
        def forward(self, images):
            seen.append((self.training, torch.is_grad_enabled()))
            return flattened(images)

    network = Watched()
    profiles({"n": network}, store, range(4), find(["flip"]))
    path(network, store.images[0], find(["flip"])[0])
    assert set(seen) == {(False, False)}
    assert network.training


def test_progress_and_calling_off(store):
    told = []
    profiles(
        {"p": flattened},
        store,
        range(70),
        find(["flip", "crop"]),
        progress=lambda *at: told.append(at),
    )
    assert told[0] == (1, 14)
    assert told[-1] == (14, 14)
    assert len(told) == 14
    answers = iter([False, False, True])
    with pytest.raises(Cancelled):
        profiles(
            {"p": flattened}, store, range(70), find(["flip"]), cancelled=lambda: next(answers)
        )


def test_what_cannot_be_measured_is_refused(store):
    flip = find(["flip"])
    with pytest.raises(ValueError, match="at least 2 images"):
        profiles({"p": flattened}, store, [4], flip)
    with pytest.raises(ValueError, match="each of them once"):
        profiles({"p": flattened}, store, [4, 4, 5], flip)
    with pytest.raises(ValueError, match="needs an encoder and an augmentation"):
        profiles({}, store, [4, 5], flip)
    with pytest.raises(ValueError, match="needs an encoder and an augmentation"):
        profiles({"p": flattened}, store, [4, 5], [])
    with pytest.raises(ValueError, match="features of the trained encoder hold NaN"):
        profiles({"trained": lambda i: flattened(i) * torch.nan}, store, [4, 5], flip)
    with pytest.raises(ValueError, match=r"2 images became \(1, 300\)"):
        profiles({"p": lambda i: flattened(i)[:1]}, store, [4, 5], flip)


def test_quartiles_of_many_pairs_are_those_of_a_sample(monkeypatch):
    rows = torch.nn.functional.normalize(
        torch.randn(80, 6, generator=torch.Generator().manual_seed(1))
    )
    mean, lower, upper = baseline(rows)
    monkeypatch.setattr("sslcore.evaluation.invariance.PAIRS_OF", 40)
    sampled = baseline(rows, seed=5)
    assert sampled[0] == mean
    assert sampled == baseline(rows, seed=5)
    assert sampled[1:] != (lower, upper)
    assert sampled[1:] == pytest.approx((lower, upper), abs=0.1)


def test_a_path_begins_with_the_image_itself_and_keeps_its_draws(store):
    rotation = find(["rotation"])[0]
    found = path(flattened, store.images[7], rotation, steps=7, seed=4, image_size=8)
    assert found.strengths == (0, 30, 60, 90, 120, 150, 180)
    assert found.images.shape == (7, 3, 8, 8)
    assert found.features.shape == (7, 192)
    torch.testing.assert_close(found.images[0], resized(store.images[7:8], 8)[0])
    assert found.cosines[0] == pytest.approx(1)
    for strength, image in zip(found.strengths[1:], found.images[1:], strict=True):
        again = path(
            flattened, store.images[7], rotation, strengths=[strength], seed=4, image_size=8
        )
        assert again.strengths == (0, strength)
        assert torch.equal(again.images[1], image)
        assert found.cosines[found.strengths.index(strength)] == pytest.approx(again.cosines[1])
    half = found.images[-1]
    torch.testing.assert_close(half, found.images[0].flip((-2, -1)), atol=1e-4, rtol=0)
    assert path(flattened, store.images[7], find(["flip"])[0]).strengths == (0, 1)
