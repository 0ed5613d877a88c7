"""View plans that several methods start from."""

from __future__ import annotations

from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop
from sslcore.augment.photometric import (
    ColourJitter,
    GaussianBlur,
    Grey,
    IntensityJitter,
    Solarize,
)
from sslcore.augment.step import Step
from sslcore.augment.view import View, ViewPlan

BLUR_FROM = 64
"""Side in pixels from which blurring is switched on; below it, it only destroys."""

SMALL_CROP, LARGE_CROP = 0.2, 0.08
"""Smallest share of the area of a crop, below and from :data:`BLUR_FROM` pixels on.

Eight percent of a 32 px image are nine pixels across, enlarged to 32: hardly a picture. Six epochs
on 10,000 CIFAR-10 images, measured on other training images: kNN 43.1 % with 0.2 against 40.5 %
with 0.08 for SimCLR, 44.2 % against 40.8 % for Barlow Twins.
"""

MOCO_CROP = 0.2
"""Smallest share of the area at any size in the code of MoCo's and SimSiam's authors.

MoCo v3 takes it for ResNets only; for transformers it is 0.08.
"""


def contrastive_views(
    size: int,
    channels: int,
    *,
    names: tuple[str, str] = ("view_a", "view_b"),
    strength: float = 0.5,
    crop_low: float | None = None,
    grey: float = 0.2,
    blur: float = 0.5,
    solarize: float = 0.0,
) -> ViewPlan:
    """Two views by the same random recipe (SimCLR, https://arxiv.org/abs/2002.05709).

    Args:
        size: side of the views in pixels.
        channels: of the images; colour steps are left out unless there are three.
        names: what the method calls its two views.
        strength: s of the paper; jitter is 0.8 s, 0.8 s, 0.8 s and 0.2 s.
        crop_low: smallest share of the area a crop keeps; unless given, 0.08 as published and 0.2
            below 64 px (see :data:`SMALL_CROP`).
        grey: share of images without colour.
        blur: share of blurred images, switched off below 64 px.
        solarize: share of solarized images; at 0 the step is there, switched off.
    """
    jitter = (0.8 * strength, 0.8 * strength, 0.8 * strength, 0.2 * strength)
    steps = _steps(size, channels, crop_low, jitter, grey, blur, solarize)
    return ViewPlan(views=tuple(View(name=name, size=size, steps=steps) for name in names))


def asymmetric_views(
    size: int,
    channels: int,
    *,
    names: tuple[str, str] = ("view_a", "view_b"),
    crop_low: float | None = None,
    grey: float = 0.2,
    blur: tuple[float, float] = (1.0, 0.1),
    solarize: tuple[float, float] = (0.0, 0.2),
) -> ViewPlan:
    """Two views by unlike recipes (BYOL, https://arxiv.org/abs/2006.07733; Barlow Twins).

    Args:
        size: side of the views in pixels.
        channels: of the images; colour steps are left out unless there are three.
        names: what the method calls its two views.
        crop_low: smallest share of the area a crop keeps, as in :func:`contrastive_views`.
        grey: share of images without colour.
        blur: share of blurred images in the first and in the second view; off below 64 px.
        solarize: share of solarized images in the first and in the second view.
    """
    views = [
        View(
            name=name,
            size=size,
            steps=_steps(size, channels, crop_low, (0.4, 0.4, 0.2, 0.1), grey, blurred, turned),
        )
        for name, blurred, turned in zip(names, blur, solarize, strict=True)
    ]
    return ViewPlan(views=tuple(views))


def multi_crop_views(
    size: int,
    channels: int,
    *,
    local_size: int,
    local_crops: int,
    global_areas: tuple[float, float],
    local_areas: tuple[float, float],
    jitter: tuple[float, float, float, float] = (0.4, 0.4, 0.2, 0.1),
    blur: float = 0.5,
) -> ViewPlan:
    """Two large crops and several small ones of every image (SwAV, arXiv 2006.09882).

    Small crops are cheap: a view of half the side costs a quarter.

    Args:
        size: side of the two large crops, called ``global``, in pixels.
        channels: of the images; colour steps are left out unless there are three.
        local_size: side of the small crops, called ``local``.
        local_crops: how many of them; with 0 there is no such view.
        global_areas: smallest and largest share of the image's area that a large crop keeps.
        local_areas: the same for small crops.
        jitter: strength of brightness, contrast, saturation and hue.
        blur: share of blurred images, switched off below 64 px.
    """

    def steps(areas: tuple[float, float]) -> tuple[Step, ...]:
        crop, *others = _steps(size, channels, areas[0], jitter, 0.2, blur, 0.0)
        return (crop.changed(scale_high=areas[1]), *others)

    views = [View(name="global", size=size, copies=2, steps=steps(global_areas))]
    if local_crops:
        small = steps(local_areas)
        views.append(View(name="local", size=local_size, copies=local_crops, steps=small))
    return ViewPlan(views=tuple(views))


def evaluation_view(size: int, name: str = "image") -> ViewPlan:
    """One view of the whole image, without any randomness."""
    return ViewPlan(views=(View(name=name, size=size),))


def _steps(
    size: int,
    channels: int,
    crop_low: float | None,
    jitter: tuple[float, float, float, float],
    grey: float,
    blur: float,
    solarize: float,
) -> tuple[Step, ...]:
    brightness, contrast, saturation, hue = jitter
    if crop_low is None:
        crop_low = SMALL_CROP if size < BLUR_FROM else LARGE_CROP
    colour: tuple[Step, ...] = (IntensityJitter(brightness=brightness, contrast=contrast),)
    if channels == 3:
        colour = (
            ColourJitter(brightness=brightness, contrast=contrast, saturation=saturation, hue=hue),
            Grey(p=grey),
        )
    return (
        RandomResizedCrop(scale_low=crop_low),
        HorizontalFlip(),
        *colour,
        # Switched off, a step keeps a share that shows something once it is switched on.
        GaussianBlur(p=blur or 0.5, enabled=size >= BLUR_FROM and blur > 0),
        Solarize(p=solarize or 0.2, enabled=solarize > 0),
    )
