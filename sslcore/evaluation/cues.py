"""Cues: how far a pretext task is solved by something that understands nothing of the image.

A pretext task is meant to be solvable only by seeing what an image shows. Each function here tries
it with one cheap cue on the very views the method trains on: if that does much better than chance,
a network will take the same way (Geirhos et al. 2020, https://arxiv.org/abs/2004.07780).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sslcore.data.captions import words
from sslcore.evaluation import linear
from sslcore.evaluation.nuisances import displacement, luminance
from sslcore.evaluation.ridge import Ridge

THUMBNAIL = 4
"""Side in pixels of what is left of an image to tell its rotation from."""

LAYOUT = 8
"""Side in pixels of what is left of a view to compare its layout by."""
BANDS = 8
"""Rings of frequencies, from the coarsest to the finest."""

_OTHER_VIEW = "finds the other view of an image"
_PENALTIES = (0.1, 0.01, 0.001)
_FEWEST = 40


@dataclass(frozen=True)
class Cue:
    """How far one cue solves a task.

    Attributes:
        key: short name.
        title: the cue, for a person: "colour histogram".
        task: what it was asked for, as a clause that follows "alone".
        score: part of the cases it gets right, 0 to 1.
        chance: what guessing gets right.
        cases: how many were asked.
    """

    key: str
    title: str
    task: str
    score: float
    chance: float
    cases: int

    @property
    def solved(self) -> float:
        """0 for guessing, 1 for always right; never below 0."""
        return max(0.0, (self.score - self.chance) / (1.0 - self.chance))


def colour_histogram(first: Tensor, second: Tensor, bins: int = 8, task: str = _OTHER_VIEW) -> Cue:
    """Whether the other view of an image is found among those of all by its colours alone.

    Random crops of one image share most of their colour histogram, which contrastive learning
    without colour distortion feeds on (Chen et al. 2020, https://arxiv.org/abs/2002.05709, section
    3.2 and figure 6). Joint histograms are compared by the Bhattacharyya coefficient.

    Args:
        first: (N, C, h, w) one view of each image, in [0, 1].
        second: (N, C, h', w') the other one.
        bins: per channel; of images with one channel, its square.
        task: what the two are to each other, as :attr:`Cue.task`.

    Raises:
        ValueError: for fewer than two images, or views of different images.
    """
    _check_views(first, second)
    one, other = (_histogram(views, bins).sqrt() for views in (first, second))
    title = "the colour histogram" if first.shape[1] > 1 else "the brightness histogram"
    return _found("histogram", title, one @ other.T, task)


def composition(first: Tensor, second: Tensor) -> Cue:
    """Whether the other view of an image is found by where it is light and where it is dark alone.

    Thumbnails of :data:`LAYOUT` x :data:`LAYOUT` px of both views' luminance, less their mean, are
    compared by their cosine: views that are cropped too little show the same layout.

    Args:
        first: (N, C, h, w) one view of each image, in [0, 1].
        second: (N, C, h', w') the other one.

    Raises:
        ValueError: for fewer than two images, or views of different images.
    """
    _check_views(first, second)
    one, other = (_layout(views) for views in (first, second))
    return _found("composition", "where it is light and dark", one @ other.T, _OTHER_VIEW)


def sharpness(first: Tensor, second: Tensor) -> Cue:
    """Whether the other view of an image is found by how sharp and grainy it is alone.

    Logarithms of the power in :data:`BANDS` bands of frequencies, standardised over all views, are
    compared by their distance. Cameras, compression and enlargement leave such a mark on all of an
    image, so on both of its views.

    Args:
        first: (N, C, h, w) one view of each image, in [0, 1].
        second: (N, C, h, w) the other one, of the same size.

    Raises:
        ValueError: for fewer than two images, or views of different images or sizes.
    """
    _check_views(first, second)
    if first.shape != second.shape:
        raise ValueError(
            f"views of one size are needed: {tuple(first.shape)}, {tuple(second.shape)}"
        )
    both = torch.cat([_bands(first), _bands(second)])
    both = (both - both.mean(0)) / both.std(0).clamp(min=1e-6)
    one, other = both.chunk(2)
    return _found("sharpness", "the grain", -torch.cdist(one, other), _OTHER_VIEW)


def thumbnail_rotation(images: Tensor, seed: int = 0) -> Cue:
    """Whether a quarter turn can be told from a thumbnail that shows where it is light.

    A linear classifier of :data:`THUMBNAIL` x :data:`THUMBNAIL` pixels: sky above, a dark border, a
    watermark in a corner.

    Args:
        images: (N, C, H, H) upright, in [0, 1].
        seed: of the halves that are learned from and asked.

    Raises:
        ValueError: for too few images.
    """
    small = F.adaptive_avg_pool2d(images, THUMBNAIL)
    turned = torch.cat([small.rot90(turns, (-2, -1)) for turns in range(4)]).flatten(1)
    answer = torch.arange(4).repeat_interleave(len(images))
    image = torch.arange(len(images)).repeat(4)
    score, cases = _told(turned, answer, image, seed)
    return Cue(
        "thumbnail",
        f"a thumbnail of {THUMBNAIL} x {THUMBNAIL} px",
        "tells by which angle an image is turned",
        score,
        0.25,
        cases,
    )


def look(images: Tensor, happened: Tensor, image: Tensor, change: str, seed: int = 0) -> Cue:
    """Whether a change of a picture is told by its values and its sharpness alone.

    A linear classifier of mean and deviation of every channel, how far channels differ, deciles of
    the luminance and the power in :data:`BANDS` bands of frequencies: nothing of where things are.

    Args:
        images: (N, C, h, w) changed or not, in [0, 1].
        happened: (N,) 1 where it was changed, 0 where not.
        image: (N,) number of the image that a picture was made of.
        change: name of the change, "horizontal_flip".
        seed: of the halves that are learned from and asked.

    Raises:
        ValueError: for too few images, or where the change happened to all pictures or to none.
    """
    if happened.unique().numel() < 2:
        raise ValueError(f"{change}: happened to all pictures or to none; there is nothing to tell")
    light = luminance(images).flatten(1)
    deciles = torch.quantile(light, torch.linspace(0.0, 1.0, 11), dim=1).T
    apart = (images - images.mean(1, keepdim=True)).abs().mean((1, 2, 3))[:, None]
    each = images.flatten(2)
    # Grey has no colour at all, which only a logarithm sets apart from little colour.
    colour = torch.cat([apart, (apart + 1e-4).log()], 1)
    features = torch.cat([each.mean(2), each.std(2), colour, deciles, _bands(images)], 1)
    score, cases = _told(features, happened, image, seed)
    share = float(happened.double().mean())
    words = change.replace("_", " ")
    return Cue(
        f"look/{change}",
        "values and sharpness",
        f"tell a picture with {words} from one without",
        score,
        max(share, 1.0 - share),
        cases,
    )


def caption_colours(images: Tensor, captions: Sequence[str], seed: int = 0, bins: int = 8) -> Cue:
    """Whether an image's caption is told from another image's by the colours of the image alone.

    Ridge regression reads the words of captions from colour histograms on half of the images; of
    the others, the own caption and one of another image are held against what was read.

    Args:
        images: (N, C, h, w) in [0, 1].
        captions: of the images, not empty.
        seed: of the halves, and of whose caption is the other one.
        bins: per channel.

    Raises:
        ValueError: for too few images.
    """
    if len(images) < _FEWEST:
        raise ValueError(f"a cue is tried on at least {_FEWEST} images, there are {len(images)}")
    spoken = [set(words(one)) for one in captions]
    known = sorted(set().union(*spoken))
    said = torch.tensor([[float(word in one) for word in known] for one in spoken])
    said = F.normalize(said - said.mean(0), dim=1)
    histograms = _histogram(images, bins).sqrt()
    random = np.random.default_rng(seed)
    order = torch.from_numpy(random.permutation(len(images)))
    learned, asked = order[: len(order) // 2], order[len(order) // 2 :]
    read = Ridge(histograms[learned], said[learned]).predict(histograms[asked], 1.0)
    own, other = said[asked].to(read), said[asked.roll(1)].to(read)
    better = ((read * own).sum(1) - (read * other).sum(1)).sign()
    differ = (own != other).any(1)
    score = float((better[differ] / 2 + 0.5).mean()) if differ.any() else 0.5
    title = "the colour histogram" if images.shape[1] > 1 else "the brightness histogram"
    task = "tells an image's caption from another's"
    return Cue("caption", title, task, score, 0.5, int(differ.sum()))


def patch_borders(
    first: Tensor, second: Tensor, position: Tensor, image: Tensor, seed: int = 0
) -> Cue:
    """Whether the place of a patch can be told from lines and colours that run on into it.

    A linear classifier of how unlike the eight pairs of touching borders and corners are: of a
    patch to the right, the left border goes on where the right one of the first patch ends
    (Doersch et al. 2015, https://arxiv.org/abs/1505.05192, section 3.1).

    Args:
        first: (M, C, t, t) patches, in [0, 1].
        second: (M, C, t, t) a neighbour of each.
        position: (M,) int64 which of the eight neighbours, 0 to 7.
        image: (M,) int64 which image a pair is of, so that none is learned from and asked.
        seed: of the halves.

    Raises:
        ValueError: for too few pairs.
    """
    a, b = luminance(first), luminance(second)
    pairs = (
        (a[:, 0], b[:, -1]),
        (a[:, -1], b[:, 0]),
        (a[:, :, 0], b[:, :, -1]),
        (a[:, :, -1], b[:, :, 0]),
        (a[:, :1, 0], b[:, -1:, -1]),
        (a[:, :1, -1], b[:, -1:, 0]),
        (a[:, -1:, 0], b[:, :1, -1]),
        (a[:, -1:, -1], b[:, :1, 0]),
    )
    unlike = torch.stack([(one - other).abs().mean(1) for one, other in pairs], 1)
    # How unlike they are beside each other matters, not how much contrast there is in all.
    unlike = (unlike / unlike.mean(1, keepdim=True).clamp(min=1e-6) + 0.01).log()
    return _position("borders", "what runs on across the borders", unlike, position, image, seed)


def patch_aberration(
    first: Tensor, second: Tensor, position: Tensor, image: Tensor, seed: int = 0
) -> Cue:
    """Whether the place of a patch can be told from how colours part in it (see ``aberration``).

    Args:
        first: (M, 3, t, t) patches, in [0, 1].
        second: (M, 3, t, t) a neighbour of each.
        position: (M,) int64, 0 to 7.
        image: (M,) int64.
        seed: of the halves.

    Raises:
        ValueError: for too few pairs, or patches without colour.
    """
    if first.shape[1] != 3:
        raise ValueError(f"patches with 3 channels are needed, these have {first.shape[1]}")
    shifts = torch.cat([displacement(first), displacement(second)], 1).float()
    return _position("aberration", "chromatic aberration", shifts, position, image, seed)


def patch_colour(
    first: Tensor, second: Tensor, position: Tensor, image: Tensor, seed: int = 0
) -> Cue:
    """Whether the place of a patch can be told from the mean colours of both (sky above).

    Args:
        first: (M, C, t, t) patches, in [0, 1].
        second: (M, C, t, t) a neighbour of each.
        position: (M,) int64, 0 to 7.
        image: (M,) int64.
        seed: of the halves.

    Raises:
        ValueError: for too few pairs.
    """
    means = torch.cat([first.mean((-2, -1)), second.mean((-2, -1))], 1)
    return _position("mean_colour", "the mean colour of both patches", means, position, image, seed)


def _check_views(first: Tensor, second: Tensor) -> None:
    if len(first) != len(second) or len(first) < 2:
        raise ValueError(
            f"two views of at least 2 images are needed, got {len(first)} and {len(second)}"
        )


def _found(key: str, title: str, scores: Tensor, task: str) -> Cue:
    """How often the own partner has the highest score of a row; (N, N) scores."""
    own = scores.diagonal()[:, None]
    # Of equally good ones each is as likely to be taken.
    better, equal = (scores > own).sum(1), (scores == own).sum(1)
    hits = torch.where(better == 0, 1.0 / equal, 0.0)
    return Cue(key, title, task, float(hits.double().mean()), 1.0 / len(scores), len(scores))


def _layout(views: Tensor) -> Tensor:
    """(N, LAYOUT ** 2) directions; an even view has none and is like no other."""
    small = F.adaptive_avg_pool2d(luminance(views)[:, None], LAYOUT).flatten(1)
    return F.normalize(small - small.mean(1, keepdim=True), dim=1)


def _bands(views: Tensor) -> Tensor:
    """(N, BANDS) logarithms of the mean power in rings of frequencies."""
    light = luminance(views)
    light = light - light.mean((-2, -1), keepdim=True)
    # Without a window the edges of a crop would look like fine detail.
    down, right = (torch.hann_window(side, periodic=False) for side in light.shape[-2:])
    power = torch.fft.rfft2(light * down[:, None] * right).abs().square()
    rows, columns = (
        torch.fft.fftfreq(light.shape[-2]).abs(),
        torch.fft.rfftfreq(light.shape[-1]),
    )
    radius = (rows[:, None].square() + columns.square()).sqrt()
    ring = (radius / 0.5 * BANDS).long().clamp(max=BANDS - 1).flatten()
    total = power.flatten(1) @ F.one_hot(ring, BANDS).to(power)
    return (total / torch.bincount(ring, minlength=BANDS).clamp(min=1) + 1e-8).log()


def _position(
    key: str, title: str, features: Tensor, position: Tensor, image: Tensor, seed: int
) -> Cue:
    score, cases = _told(features, position, image, seed)
    return Cue(key, title, "tells where a patch lies", score, 1 / 8, cases)


def _told(features: Tensor, answer: Tensor, image: Tensor, seed: int) -> tuple[float, int]:
    """Accuracy on half of the images of a classifier of the other half, and cases asked."""
    known = image.unique()
    if len(known) < _FEWEST:
        raise ValueError(f"a cue is tried on at least {_FEWEST} images, there are {len(known)}")
    drawn = np.random.default_rng(seed).permutation(len(known))[: len(known) // 2]
    learned = torch.isin(image, known[torch.from_numpy(drawn)])
    probe, _ = linear.chosen(features[learned], answer[learned], penalties=_PENALTIES, seed=seed)
    asked = ~learned
    return linear.measure(probe, features[asked], answer[asked]).top_1, int(asked.sum())


def _histogram(images: Tensor, bins: int) -> Tensor:
    """(N, bins ** C) parts of the pixels, C at most 3; further channels do not count."""
    channels = min(images.shape[1], 3)
    fine = bins**2 if channels == 1 else bins
    place = (images[:, :channels] * fine).long().clamp(0, fine - 1)
    number = torch.zeros_like(place[:, 0])
    for channel in range(channels):
        number = number * fine + place[:, channel]
    flat = number.flatten(1)
    counts = torch.zeros(len(images), fine**channels)
    counts.scatter_add_(1, flat, torch.ones(flat.shape))
    return counts / flat.shape[1]
