import pytest
import torch

from sslcore.augment.corruption import (
    GaussianNoise,
    Masking,
    SaltAndPepper,
    normal_field,
    scrambled,
)
from sslcore.config import ConfigError


def draw(step, count=16, size=(12, 10), seed=0):
    return step.draw(torch.Generator().manual_seed(seed), count, size)


def plain_hash(number):
    number &= 0xFFFFFFFF
    number = ((number ^ (number >> 16)) * 0x7FEB352D) % 2**32
    number = ((number ^ (number >> 15)) * 0x846CA68B) % 2**32
    return number ^ (number >> 16)


def test_hash_equals_whole_number_arithmetic():
    numbers = torch.randint(0, 2**40, (200,), generator=torch.Generator().manual_seed(0))
    assert scrambled(numbers).tolist() == [plain_hash(one) for one in numbers.tolist()]


def test_noise_is_standard_normal_and_unlike_from_image_to_image():
    seeds = torch.arange(20)
    field = normal_field(seeds, (3, 50, 50))
    assert field.isfinite().all()
    assert field.mean().abs() < 0.01
    assert abs(field.std() - 1) < 0.01
    assert (field.mean((1, 2, 3)).abs() < 0.06).all()
    inside = [float((field.abs() < limit).float().mean()) for limit in (0.6745, 1.96)]
    assert inside == pytest.approx([0.5, 0.95], abs=0.01)
    flat = field.flatten(1)
    correlation = torch.corrcoef(flat) - torch.eye(20)
    assert correlation.abs().max() < 0.06
    neighbours = (field[..., 1:] * field[..., :-1]).mean()
    halves = (flat[:, :3750] * flat[:, 3750:]).mean()
    assert neighbours.abs() < 0.02
    assert halves.abs() < 0.02


def test_noise_of_an_image_does_not_depend_on_its_batch():
    seeds = torch.tensor([5, 99, 2**32 - 1])
    assert torch.equal(normal_field(seeds, (3, 7))[1], normal_field(seeds[1:2], (3, 7))[0])
    assert normal_field(seeds, (1, 3, 5)).shape == (3, 1, 3, 5)


def test_gaussian_noise_has_the_drawn_strength_and_stays_in_range():
    step = GaussianNoise(sd_low=0.02, sd_high=0.08)
    images = torch.full((16, 3, 40, 40), 0.5)
    before = images.clone()
    params = draw(step, size=(40, 40))
    noise = step.apply(images, params, 40) - 0.5
    assert torch.allclose(noise.std((1, 2, 3)), params["sd"], rtol=0.06)
    assert params["sd"].min() >= 0.02
    assert params["sd"].max() <= 0.08
    loud = step.apply(images, {**params, "sd": torch.ones(16)}, 40)
    assert loud.min() == 0
    assert loud.max() == 1
    assert torch.equal(images, before)
    assert torch.equal(step.apply(images, params, 40) - 0.5, noise)
    assert step.truth(params).all()
    assert step.truth(params).shape == (16, 1, 40, 40)
    assert not step.truth({**params, "sd": torch.zeros(16)}).any()
    assert step.describe({"sd": torch.tensor([0.314])}, 0) == "deviation 0.31"


@pytest.mark.parametrize("channels", [1, 3])
def test_masking_blackens_just_the_pixels_of_its_answer(channels):
    step = Masking(fraction=0.3)
    images = torch.rand(16, channels, 12, 10) + 0.01
    before = images.clone()
    params = draw(step)
    result = step.apply(images, params, 12)
    touched = step.truth(params)
    assert touched.dtype == torch.bool
    assert (touched.sum((1, 2, 3)) == 36).all()
    assert torch.equal((result == 0).all(1, keepdim=True), touched)
    assert torch.equal(result.where(~touched, images), images)
    assert torch.equal(images, before)
    assert not torch.equal(touched[0], touched[1])
    assert step.describe(params, 0) == "30 % of the pixels"


def test_salt_and_pepper_are_white_or_black_alike_in_all_channels():
    step = SaltAndPepper(fraction=0.5)
    images = torch.rand(16, 3, 12, 10) * 0.8 + 0.1
    params = draw(step)
    result = step.apply(images, params, 12)
    touched = step.truth(params).expand_as(images)
    assert set(result[touched].unique().tolist()) == {0.0, 1.0}
    assert torch.equal(result[~touched], images[~touched])
    assert 0.45 < result[touched].mean() < 0.55
    assert result.dtype == torch.float32
    assert step.describe(params, 3) == "50 % of the pixels"


def test_noise_bounds_in_the_wrong_order_are_refused():
    with pytest.raises(ConfigError, match=r"sd_low = 0.6 is above sd_high = 0.2"):
        GaussianNoise.parse({"sd_low": 0.6, "sd_high": 0.2})
