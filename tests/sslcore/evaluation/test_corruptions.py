import pytest
import torch

from sslcore.evaluation.corruptions import CORRUPTIONS, kinds

IMAGES = torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 0.8 + 0.1
EACH = pytest.mark.parametrize("one", CORRUPTIONS.values(), ids=lambda one: one.key)


@EACH
def test_damage_grows_with_strength(one):
    before = IMAGES.clone()
    away = []
    for strength in one.strengths:
        found = one.apply(IMAGES, strength, seed=1)
        assert found.shape == IMAGES.shape
        assert 0 <= float(found.min()) <= float(found.max()) <= 1
        away.append(float((found - IMAGES).square().mean()))
    assert away == sorted(away)
    assert away[0] > 0
    assert torch.equal(IMAGES, before)


@EACH
def test_the_same_seed_damages_alike(one):
    strength = one.strengths[1]
    assert torch.equal(one.apply(IMAGES, strength, 1), one.apply(IMAGES, strength, 1))


@EACH
def test_frames_are_images(one):
    frames = IMAGES.unflatten(0, (2, 3))
    found = one.apply(frames, one.strengths[0], 1)
    assert torch.equal(found.flatten(0, 1), one.apply(IMAGES, one.strengths[0], 1))


def test_damage_by_hand():
    noise = CORRUPTIONS["gaussian_noise"].apply(torch.full((4, 3, 64, 64), 0.5), 0.1, 0)
    assert float(noise.std()) == pytest.approx(0.1, rel=0.03)
    masked = CORRUPTIONS["masking"].apply(IMAGES, 0.25, 0)
    assert float((masked == 0).all(1).float().mean()) == pytest.approx(0.25)
    salted = CORRUPTIONS["salt_and_pepper"].apply(IMAGES, 0.5, 0)
    ends = (salted == 0).all(1) | (salted == 1).all(1)
    assert float(ends.float().mean()) == pytest.approx(0.5)
    assert torch.allclose(CORRUPTIONS["darkness"].apply(IMAGES, 0.75, 0), 0.25 * IMAGES)
    flat = CORRUPTIONS["contrast"].apply(IMAGES, 1.0, 0)
    assert float(flat.std((1, 2, 3)).max()) == pytest.approx(0, abs=1e-6)
    assert torch.allclose(CORRUPTIONS["hue"].apply(IMAGES, 1.0, 0), IMAGES, atol=1e-5)
    blurred = CORRUPTIONS["blur"].apply(IMAGES, 8.0, 0)
    assert float(blurred.std((2, 3)).mean()) < 0.2 * float(IMAGES.std((2, 3)).mean())


@pytest.mark.parametrize("key", ["masking", "salt_and_pepper"])
def test_stronger_damage_hits_the_same_places(key):
    weak, strong = (CORRUPTIONS[key].apply(IMAGES, part, 3) != IMAGES for part in (0.25, 0.5))
    assert bool((strong | ~weak).all())


def test_images_without_colour():
    assert "hue" not in [one.key for one in kinds(1)]
    assert [one.key for one in kinds(3)] == list(CORRUPTIONS)
    for one in kinds(1):
        assert one.apply(IMAGES[:, :1], one.strengths[-1], 0).shape == (6, 1, 16, 16)
    with pytest.raises(ValueError, match="Turned hue needs images with 3 channels, got 1"):
        CORRUPTIONS["hue"].apply(IMAGES[:, :1], 0.1, 0)


def test_a_negative_strength_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        CORRUPTIONS["darkness"].apply(IMAGES, -0.5, 0)
