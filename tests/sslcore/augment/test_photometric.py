import pytest
import torch
from torchvision.transforms.v2 import functional as pixels

from sslcore.augment.photometric import (
    OPERATIONS,
    ColourJitter,
    GaussianBlur,
    Grey,
    IntensityJitter,
    Solarize,
)
from sslcore.config import ConfigError

TOLERANCE = 2 / 255
THEIRS = {
    "brightness": pixels.adjust_brightness,
    "contrast": pixels.adjust_contrast,
    "saturation": pixels.adjust_saturation,
    "hue": pixels.adjust_hue,
}


@pytest.fixture
def images():
    torch.manual_seed(0)
    smooth = torch.rand(48, 3, 5, 5)
    made = torch.nn.functional.interpolate(smooth, size=(24, 20), mode="bilinear")
    made[0] = 0.5  # a grey image has no hue
    made[1] = 0.0
    made[2] = 1.0
    made[3, 0] = made[3, 1]  # two channels alike: a tie between hues
    return made


def draw(step, count=48, seed=0):
    return step.draw(torch.Generator().manual_seed(seed), count, (24, 20))


def farthest(result, expected):
    return (result - torch.stack(expected)).abs().max()


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_each_operation_equals_torchvision(images, name):
    strong = ColourJitter(brightness=1.0, contrast=1.0, saturation=1.0, hue=0.5)
    values = draw(strong)[name]
    expected = [THEIRS[name](i, v) for i, v in zip(images, values.tolist(), strict=True)]
    assert farthest(OPERATIONS[name](images, values), expected) < TOLERANCE


def test_whole_jitter_equals_torchvision_in_each_images_own_order(images):
    step = ColourJitter(p=0.8, brightness=0.8, contrast=0.8, saturation=0.8, hue=0.2)
    params = draw(step)
    before = images.clone()
    result = step.apply(images, params, 24)
    names = list(OPERATIONS)
    expected = []
    for row, image in enumerate(images):
        if params["applied"][row]:
            for number in params["order"][row].tolist():
                image = THEIRS[names[number]](image, params[names[number]][row].item())
        expected.append(image)
    assert farthest(result, expected) < TOLERANCE
    assert torch.equal(images, before)
    assert len({tuple(order) for order in params["order"].tolist()}) > 10


def test_jitter_draws_torchvisions_ranges():
    params = draw(ColourJitter(brightness=0.4, contrast=0.2, saturation=1.0, hue=0.1), 4000)
    for name, low, high in [
        ("brightness", 0.6, 1.4),
        ("contrast", 0.8, 1.2),
        ("saturation", 0.0, 2.0),
        ("hue", -0.1, 0.1),
    ]:
        values = params[name]
        assert low <= values.min() < low + 0.02 * (high - low)
        assert high - 0.02 * (high - low) < values.max() <= high
        assert abs(values.mean() - (low + high) / 2) < 0.03 * (high - low)
    assert 0.77 < params["applied"].float().mean() < 0.83
    first = params["order"][:, 0].bincount(minlength=4) / 4000
    assert (first - 0.25).abs().max() < 0.04
    assert torch.equal(params["order"].sort(1).values, torch.arange(4).expand(4000, 4))


def test_turning_hue_full_circle_changes_nothing(images):
    half = torch.full((48,), 0.5)
    there = OPERATIONS["hue"](images, half)
    assert torch.allclose(OPERATIONS["hue"](there, half), images, atol=1e-5)
    assert not torch.allclose(there, images, atol=0.05)


def test_intensity_jitter_equals_torchvision_on_one_channel(images):
    single = images[:, :1]
    step = IntensityJitter(p=0.7)
    params = draw(step)
    expected = []
    for row, image in enumerate(single):
        if params["applied"][row]:
            for number in params["order"][row].tolist():
                name = ("brightness", "contrast")[number]
                image = THEIRS[name](image, params[name][row].item())
        expected.append(image)
    assert farthest(step.apply(single, params, 24), expected) < TOLERANCE
    assert step.apply(images[:, :2], params, 24).shape == (48, 2, 24, 20)


def test_grey_equals_torchvision(images):
    step = Grey(p=0.5)
    params = draw(step)
    expected = [
        pixels.rgb_to_grayscale(image, 3) if applied else image
        for image, applied in zip(images, params["applied"].tolist(), strict=True)
    ]
    assert farthest(step.apply(images, params, 24), expected) < TOLERANCE


@pytest.mark.parametrize("view_size", [24, 64, 100])
def test_blur_equals_torchvision_with_the_same_kernel(images, view_size):
    step = GaussianBlur(p=0.7)
    params = draw(step)
    kernel = step.kernel_size(view_size)
    assert kernel % 2 == 1
    expected = [
        pixels.gaussian_blur(image, [kernel, kernel], [sigma, sigma]) if applied else image
        for image, applied, sigma in zip(
            images, params["applied"].tolist(), params["sigma"].tolist(), strict=True
        )
    ]
    assert farthest(step.apply(images, params, view_size), expected) < TOLERANCE
    assert 0.1 <= params["sigma"].min() < params["sigma"].max() <= 2.0


def test_blur_kernel_is_a_tenth_of_the_view():
    sizes = {size: GaussianBlur().kernel_size(size) for size in (8, 32, 96, 224)}
    assert sizes == {8: 3, 32: 3, 96: 9, 224: 23}


@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0])
def test_solarize_equals_torchvision(images, threshold):
    step = Solarize(p=0.5, threshold=threshold)
    params = draw(step)
    expected = [
        pixels.solarize(image, threshold) if applied else image
        for image, applied in zip(images, params["applied"].tolist(), strict=True)
    ]
    assert farthest(step.apply(images, params, 24), expected) < TOLERANCE


def test_nothing_drawn_nothing_changed(images):
    for step in (ColourJitter(p=0.0), Grey(p=0.0), GaussianBlur(p=0.0), Solarize(p=0.0)):
        params = draw(step)
        assert torch.equal(step.apply(images, params, 24), images)
        assert step.describe(params, 0) == "off"


def test_descriptions_give_the_numbers():
    params = {
        "applied": torch.tensor([True]),
        "brightness": torch.tensor([1.21]),
        "contrast": torch.tensor([1.18]),
        "saturation": torch.tensor([0.4]),
        "hue": torch.tensor([0.03]),
        "order": torch.tensor([[2, 0, 3, 1]]),
        "sigma": torch.tensor([1.31]),
    }
    assert ColourJitter().describe(params, 0) == "s 0.40 b 1.21 h +0.03 c 1.18"
    assert GaussianBlur().describe(params, 0) == "1.3 px"
    assert Grey().describe(params, 0) == "yes"
    assert Solarize().describe(params, 0) == "yes"
    small = {**params, "order": torch.tensor([[1, 0]])}
    assert IntensityJitter().describe(small, 0) == "c 1.18 b 1.21"


@pytest.mark.parametrize("step", [ColourJitter(), Grey()])
def test_colour_steps_refuse_images_without_colour(step):
    assert step.needs_colour
    with pytest.raises(ValueError, match=f"{step.kind} needs images with 3 channels.* have 1"):
        step.apply(torch.rand(2, 1, 8, 8), draw(step, 2), 8)


def test_blur_bounds_in_the_wrong_order_are_refused():
    with pytest.raises(ConfigError, match=r"sigma_low = 2.0 is above sigma_high = 1.0"):
        GaussianBlur.parse({"sigma_low": 2.0, "sigma_high": 1.0})
