import numpy as np
import pytest
import torch

from sslcore.augment.geometric import HorizontalFlip
from sslcore.augment.patches import Rotations
from sslcore.augment.presets import contrastive_views, multi_crop_views
from sslcore.augment.view import View, ViewPlan, mixed_seed
from sslcore.batch import Sample
from sslcore.data.pool import Cancelled
from sslcore.evaluation import corrupted
from sslcore.evaluation.corrupted import by_strength, usual_side
from sslcore.evaluation.corruptions import CORRUPTIONS
from sslcore.evaluation.features import resized

PICTURES = torch.rand(20, 3, 16, 16, generator=torch.Generator().manual_seed(0))
ROWS = np.array([3, 7, 1, 19, 4])
ONE = ViewPlan(views=(View(name="image", size=16, steps=(HorizontalFlip(),)),))
TWO = contrastive_views(16, 3)
NOISE, DARK = CORRUPTIONS["gaussian_noise"], CORRUPTIONS["darkness"]


def read(rows):
    return Sample(torch.from_numpy(np.asarray(rows).copy()), PICTURES[torch.from_numpy(rows)])


def brightness(batch):
    return batch.views["image"].mean((1, 2, 3, 4))


def apart(batch):
    return (batch.views["view_a"] - batch.views["view_b"]).square().mean((1, 2, 3, 4))


def test_the_whole_image_is_damaged():
    found = by_strength(brightness, ONE, read, ROWS, [NOISE, DARK], side="image")
    chosen = PICTURES[torch.from_numpy(ROWS)]
    np.testing.assert_allclose(found.clean, chosen.mean((1, 2, 3)), rtol=1e-5)
    assert found.corrupted["gaussian_noise"].shape == (5, 5)
    for row, strength in zip(found.corrupted["darkness"], DARK.strengths, strict=True):
        np.testing.assert_allclose(row, (1 - strength) * found.clean, rtol=1e-4)
    assert found.rows.tolist() == ROWS.tolist()
    assert found.side == "image"


def test_one_view_is_damaged_and_draws_are_the_same():
    found = by_strength(apart, TWO, read, ROWS, [DARK], side="view", seed=5)
    sample = read(ROWS)
    seed = mixed_seed(5, "energy", 0)
    drawn = TWO.draw(seed, 5, (16, 16))
    clean = TWO.render(sample, drawn).views
    np.testing.assert_allclose(
        found.clean, (clean["view_a"] - clean["view_b"]).square().mean((1, 2, 3, 4)), rtol=1e-5
    )
    for row, strength in zip(found.corrupted["darkness"], DARK.strengths, strict=True):
        damaged = TWO.render(Sample(sample.index, sample.image * (1 - strength)), drawn).views
        expected = (clean["view_a"] - damaged["view_b"]).square().mean((1, 2, 3, 4))
        np.testing.assert_allclose(row, expected, rtol=1e-3)


def test_copies_of_a_view_are_two_sides_as_well():
    plan = multi_crop_views(
        16, 3, local_size=8, local_crops=2, global_areas=(0.9, 1.0), local_areas=(0.2, 0.4)
    )
    seen = []

    def energy(batch):
        seen.append(batch.views)
        return batch.views["global"].mean((1, 2, 3, 4))

    by_strength(energy, plan, read, ROWS, [DARK], side="view")
    clean, last = seen[0], seen[-1]
    assert torch.equal(last["global"][:, 0], clean["global"][:, 0])
    assert float(last["global"][:, 1].mean()) < 0.3 * float(clean["global"][:, 1].mean())
    assert float(last["local"].mean()) < 0.3 * float(clean["local"].mean())


def test_what_suits_a_plan():
    assert usual_side(TWO) == "view"
    assert usual_side(ONE) == "image"
    task = ViewPlan(views=(View(name="rotated", size=16, steps=(Rotations(),)),))
    derived = ViewPlan(views=(View(name="clean", size=16), View(name="b", size=16, of="clean")))
    frames = ViewPlan(views=(View(name="frames", size=16, source="frames"),))
    assert {usual_side(one) for one in (task, derived, frames)} == {"image"}
    with pytest.raises(ValueError, match="choose side 'image'"):
        by_strength(brightness, ONE, read, ROWS, [NOISE], side="view")


def test_batches_change_nothing_but_the_draws(monkeypatch):
    plain = ViewPlan(views=(View(name="image", size=16),))
    whole = by_strength(brightness, plain, read, ROWS, [DARK], side="image")
    monkeypatch.setattr(corrupted, "_BATCH", 2)
    parts = by_strength(brightness, plain, read, ROWS, [DARK], side="image")
    np.testing.assert_allclose(parts.corrupted["darkness"], whole.corrupted["darkness"])


def test_damage_is_done_at_the_size_of_training():
    plan, seen = ViewPlan(views=(View(name="image", size=8),)), []

    def energy(batch):
        seen.append(batch.view("image"))
        return brightness(batch)

    by_strength(energy, plan, read, ROWS, [NOISE], side="image", image_size=8)
    small = resized(PICTURES[torch.from_numpy(ROWS)], 8)
    assert torch.equal(seen[0], small)
    assert torch.equal(seen[2], NOISE.apply(small, 0.1, mixed_seed(0, "energy", 0)))


def test_frames_are_damaged_captions_are_not():
    tokens = torch.arange(10).view(5, 2)

    def sequences(rows):
        sample = read(rows)
        frames = sample.image[:, None].repeat(1, 3, 1, 1, 1)
        return Sample(sample.index, sample.image, frames=frames, tokens=tokens[: len(rows)])

    plan = ViewPlan(views=(View(name="frames", size=16, source="frames"),))

    def energy(batch):
        assert torch.equal(batch.tokens, tokens)
        return batch.views["frames"].mean((1, 2, 3, 4))

    found = by_strength(energy, plan, sequences, ROWS, [DARK], side="image")
    np.testing.assert_allclose(found.corrupted["darkness"][-1], 0.1 * found.clean, rtol=1e-4)


def test_progress_and_calling_off():
    told = []
    by_strength(
        brightness, ONE, read, ROWS, [DARK], side="image",
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(n, 5) for n in range(1, 6)]
    with pytest.raises(Cancelled):
        by_strength(brightness, ONE, read, ROWS, [DARK], side="image", cancelled=lambda: True)


def test_bad_energies_are_refused():
    with pytest.raises(ValueError, match="choose at least one"):
        by_strength(brightness, ONE, read, ROWS[:0], [DARK], side="image")
    with pytest.raises(ValueError, match="diverged"):
        by_strength(lambda batch: brightness(batch) * torch.nan, ONE, read, ROWS, [], side="image")
    with pytest.raises(ValueError, match=r"5 finite numbers, got shape \(1,\)"):
        by_strength(lambda batch: brightness(batch)[:1], ONE, read, ROWS, [], side="image")
