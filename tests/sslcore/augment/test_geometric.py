import math

import pytest
import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as pixels

from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop, VerticalFlip
from sslcore.config import ConfigError

TOLERANCE = 2 / 255


def draw(step, count=64, size=(48, 40), seed=0):
    return step.draw(torch.Generator().manual_seed(seed), count, size)


@pytest.mark.parametrize("size", [16, 32, 64])
def test_crop_equals_torchvision_on_the_same_boxes(size):
    images = torch.rand(64, 3, 48, 40)
    step = RandomResizedCrop()
    params = draw(step)
    boxes = torch.stack([params[k] for k in ("top", "left", "height", "width")], 1).tolist()
    expected = [
        pixels.resized_crop(image, *box, [size, size], antialias=True)
        for image, box in zip(images, boxes, strict=True)
    ]
    result = step.apply(images, params, size)
    assert result.shape == (64, 3, size, size)
    assert (result - torch.stack(expected)).abs().max() < TOLERANCE


def test_crop_of_the_whole_image_at_its_own_size_is_the_image():
    images = torch.rand(4, 3, 32, 32)
    step = RandomResizedCrop(scale_low=1.0, ratio=1.0)
    params = draw(step, 4, (32, 32))
    assert torch.allclose(step.apply(images, params, 32), images, atol=1e-6)
    assert step.box(params, 0) == (0.0, 0.0, 1.0, 1.0)
    assert step.describe(params, 0) == "1.00 of the area"


def test_crop_draws_the_ranges_torchvision_draws():
    params = draw(RandomResizedCrop(), 4000, (64, 64))
    area = (params["height"] * params["width"]).double() / 64**2
    torch.manual_seed(0)
    reference = v2.RandomResizedCrop(64)
    image = torch.zeros(3, 64, 64)
    theirs = [reference.make_params([image]) for _ in range(2000)]
    their_area = torch.tensor([one["height"] * one["width"] / 64**2 for one in theirs])
    their_shape = torch.tensor([math.log(one["width"] / one["height"]) for one in theirs])
    shape = (params["width"].double() / params["height"]).log()
    assert area.min() > 0.07
    assert abs(area.mean() - their_area.mean()) < 0.03
    assert abs(area.std() - their_area.std()) < 0.03
    assert abs(shape.mean()) < 0.02
    assert abs(shape.std() - their_shape.std()) < 0.02
    centre = (params["top"] + params["height"] / 2) / 64
    their_centre = torch.tensor([(one["top"] + one["height"] / 2) / 64 for one in theirs])
    assert abs(centre.std() - their_centre.std()) < 0.02


def test_crop_boxes_lie_inside_and_fall_back_to_the_middle():
    params = draw(RandomResizedCrop(), 500, (13, 57))
    assert (params["top"] >= 0).all()
    assert (params["left"] >= 0).all()
    assert (params["top"] + params["height"] <= 13).all()
    assert (params["left"] + params["width"] <= 57).all()
    wide = draw(RandomResizedCrop(scale_low=0.9), 20, (10, 100))
    assert wide["width"].unique().tolist() == [13]
    assert wide["height"].unique().tolist() == [10]
    assert wide["left"].unique().tolist() == [43]
    tall = draw(RandomResizedCrop(scale_low=0.9), 20, (100, 10))
    assert tall["height"].unique().tolist() == [13]
    assert tall["top"].unique().tolist() == [43]


def test_crop_of_targets_follows_the_images():
    step = RandomResizedCrop()
    params = draw(step, 8, (48, 40))
    rows = torch.arange(48.0)[:, None].expand(48, 40)
    classes = (rows >= 24).long().expand(8, 1, 48, 40)
    depth = rows.expand(8, 1, 48, 40) * 10
    images = rows.expand(8, 1, 48, 40) / 47
    moved = step.apply(images, params, 24) * 47
    moved_classes = step.apply_target(classes, params, 24)
    moved_depth = step.apply_target(depth, params, 24)
    assert moved_classes.dtype == torch.int64
    assert set(moved_classes.unique().tolist()) <= {0, 1}
    assert torch.allclose(moved_depth, moved * 10, atol=1e-2)
    sure = (moved - 23.5).abs() > 1
    assert torch.equal(moved_classes[sure], (moved > 23.5).long()[sure])


def test_nearest_takes_the_pixel_under_the_centre():
    step = RandomResizedCrop()
    params = {
        "top": torch.tensor([1]),
        "left": torch.tensor([2]),
        "height": torch.tensor([4]),
        "width": torch.tensor([6]),
    }
    target = torch.arange(64).reshape(1, 1, 8, 8)
    expected = pixels.resize(
        target[:, :, 1:5, 2:8].float(), [3, 3], interpolation=v2.InterpolationMode.NEAREST_EXACT
    )
    assert torch.equal(step.apply_target(target, params, 3), expected.long())


@pytest.mark.parametrize(
    ("step", "reference"),
    [(HorizontalFlip(), pixels.horizontal_flip), (VerticalFlip(), pixels.vertical_flip)],
)
def test_flips_equal_torchvision(step, reference):
    images = torch.rand(32, 3, 8, 12)
    before = images.clone()
    params = draw(step, 32)
    result = step.apply(images, params, 8)
    for row, applied in enumerate(params["applied"].tolist()):
        assert torch.equal(result[row], reference(images[row]) if applied else images[row])
        assert step.describe(params, row) == ("yes" if applied else "off")
    assert torch.equal(images, before)
    target = torch.randint(0, 9, (32, 1, 8, 12))
    assert torch.equal(step.apply_target(target, params, 8)[0], step.apply(target, params, 8)[0])
    assert 0.4 < draw(step, 4000)["applied"].float().mean() < 0.6


def test_more_probable_means_more_images_not_other_images():
    few = draw(HorizontalFlip(p=0.2), 200)["applied"]
    many = draw(HorizontalFlip(p=0.7), 200)["applied"]
    assert (many | ~few).all()
    assert many.sum() > few.sum()


def test_crop_bounds_in_the_wrong_order_are_refused():
    with pytest.raises(ConfigError, match=r"scale_low = 0.9 is above scale_high = 0.5"):
        RandomResizedCrop.parse({"scale_low": 0.9, "scale_high": 0.5}, "crop")
