"""The invariance profile: how far features move when one thing about the images changes.

For every augmentation at every strength the cosine of f(x) and f(aug x) over a set of images. A
cosine near 1 alone says nothing: an encoder whose features all point one way has it for any change,
even for another image. So the mean cosine of *different* images stands beside it, and a normalised
figure: 1 where an image does not move at all, 0 where it moves as far as to another image. What is
measured is the invariance that Chen et al. 2020 (https://arxiv.org/abs/2002.05709) train for and
Purushwalkam and Gupta 2020 (https://arxiv.org/abs/2007.13916) probe.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sslcore.augment.view import mixed_seed
from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled
from sslcore.evaluation.features import Images, Rows, resized
from sslcore.evaluation.perturbations import Perturbation
from sslcore.evaluation.vectors import as_matrix, unit
from sslcore.nets.mode import evaluating

Encode = Callable[[Tensor], Tensor]
"""Images (B, C, H, W) in [0, 1] -> features (B, D); a module is read in evaluation mode."""

BLOCK = 64
"""Images changed together. Fixed, so that what is drawn depends on the seed and nothing else."""

PAIRS_OF = 2000
"""Images whose pairs give the quartiles of the baseline; its mean is over all pairs."""

COLLAPSED = 1e-3
"""With a baseline this close to 1, all images look the same and no invariance can be told."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Cosines of images with themselves under one augmentation, by strength.

    Attributes:
        key: of the augmentation.
        strengths: S of them, weak to strong.
        mean: (S,) float64 mean cosine over the images.
        lower, median, upper: (S,) float64 quartiles.
        normalised: (S,) float64, (mean - baseline) / (1 - baseline): 1 for no move at all, 0 for
            a move as far as to another image, NaN for a collapsed encoder.
        retrieved: (S,) float64, part of the changed images whose own original is nearer than
            every other original.
    """

    key: str
    strengths: tuple[float, ...]
    mean: NDArray[np.float64]
    lower: NDArray[np.float64]
    median: NDArray[np.float64]
    upper: NDArray[np.float64]
    normalised: NDArray[np.float64]
    retrieved: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Profile:
    """How one encoder answers to all augmentations.

    Attributes:
        curves: one per augmentation.
        baseline: mean cosine of different images.
        baseline_lower, baseline_upper: its quartiles.
        images: how many were looked at.
        collapsed: whether the baseline is so near 1 that cosines say nothing.
    """

    curves: tuple[Curve, ...]
    baseline: float
    baseline_lower: float
    baseline_upper: float
    images: int
    collapsed: bool


def profiles(
    encoders: Mapping[str, Encode],
    store: Images,
    rows: Rows,
    perturbations: Sequence[Perturbation],
    *,
    seed: int = 0,
    image_size: int | None = None,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> dict[str, Profile]:
    """Invariance profiles of several encoders, which all see the very same changed images.

    Args:
        encoders: name -> encoder; the trained one beside the untrained one, say.
        store: where the images lie.
        rows: at least two catalogue rows, each once.
        perturbations: what is done to the images, see :mod:`sslcore.evaluation.perturbations`.
        seed: of everything that is drawn.
        image_size: side the encoders were trained at; None takes images as they are stored.
        device: where encoders compute.
        progress: told (batches done, batches in all).
        cancelled: asked before every batch.

    Raises:
        ValueError: without an encoder, an augmentation or two different images, for channels an
            augmentation does not work for, or features that are not finite.
        Cancelled: if called off.
    """
    wanted = np.asarray(rows, dtype=np.int64)
    if wanted.ndim != 1 or len(np.unique(wanted)) < 2 or len(np.unique(wanted)) != len(wanted):
        raise ValueError("an invariance profile needs at least 2 images, each of them once")
    if not encoders or not perturbations:
        raise ValueError("an invariance profile needs an encoder and an augmentation")
    blocks = [wanted[start : start + BLOCK] for start in range(0, len(wanted), BLOCK)]
    total = len(blocks) * (1 + sum(len(one.strengths) for one in perturbations))
    done = 0

    def pass_over(perturbation: Perturbation | None, strength: float) -> dict[str, Tensor]:
        """Unit features of all images under one change, by encoder."""
        nonlocal done
        found: dict[str, list[Tensor]] = {name: [] for name in encoders}
        for number, block in enumerate(blocks):
            raise_if_cancelled(cancelled)
            images = store.read(block)
            if perturbation is None:
                images = resized(images, image_size)
            else:
                generator = torch.Generator().manual_seed(
                    mixed_seed(seed, perturbation.key, number)
                )
                images = perturbation(images, strength, generator, image_size)
            images = images.to(device)
            for name, encode in encoders.items():
                found[name].append(_unit(encode, images, name))
            done += 1
            if progress is not None:
                progress(done, total)
        return {name: torch.cat(parts) for name, parts in found.items()}

    with _read_only(encoders.values()):
        clean = pass_over(None, 0.0)
        baselines = {name: baseline(own, seed) for name, own in clean.items()}
        curves: dict[str, list[Curve]] = {name: [] for name in encoders}
        for one in perturbations:
            moved = [pass_over(one, strength) for strength in one.strengths]
            for name, own in clean.items():
                changed = [each[name] for each in moved]
                curves[name].append(_curve(one, own, changed, baselines[name][0]))
    return {
        name: Profile(tuple(curves[name]), *found, len(wanted), 1.0 - found[0] <= COLLAPSED)
        for name, found in baselines.items()
    }


def baseline(features: Tensor, seed: int = 0) -> tuple[float, float, float]:
    """Mean and quartiles of the cosines of different images.

    Args:
        features: (N, D) of unit length, N at least 2.
        seed: of the images whose pairs give the quartiles, where there are many.

    Returns:
        Mean over all pairs, lower and upper quartile over those of at most :data:`PAIRS_OF`
        images.
    """
    count = len(features)
    rows = features.double()
    mean = float((rows.sum(0).square().sum() - rows.square().sum()) / (count * (count - 1)))
    if count > PAIRS_OF:
        chosen = torch.randperm(count, generator=torch.Generator().manual_seed(seed))[:PAIRS_OF]
        rows = rows[chosen]
    pairs = torch.triu_indices(len(rows), len(rows), 1)
    cosines = (rows @ rows.T)[pairs[0], pairs[1]].numpy()
    lower, upper = np.quantile(cosines, (0.25, 0.75))
    return mean, float(lower), float(upper)


@dataclass(frozen=True, eq=False)
class Path:
    """One image on its way through feature space while one strength grows.

    Attributes:
        key: of the augmentation.
        strengths: S of them, from the neutral one on.
        images: (S, C, H, W) float32 in [0, 1], as the encoder saw them.
        features: (S, D) float32; the first is that of the image itself.
        cosines: (S,) float64 with the first one.
    """

    key: str
    strengths: tuple[float, ...]
    images: Tensor
    features: NDArray[np.float32]
    cosines: NDArray[np.float64]


def path(
    encode: Encode,
    image: Tensor,
    perturbation: Perturbation,
    *,
    strengths: Sequence[float] | None = None,
    steps: int = 13,
    seed: int = 0,
    image_size: int | None = None,
    device: torch.device | str = "cpu",
) -> Path:
    """Features of one image at growing strengths of one augmentation: the invariance dial.

    Args:
        encode: the encoder.
        image: (C, H, W) float in [0, 1].
        perturbation: what is turned up.
        strengths: at which to look; by default ``steps`` even ones from neutral to the strongest.
        steps: how many, unless strengths are given.
        seed: of what is drawn (which way it turns, where it is cut); the same for all strengths.
        image_size: side the encoder was trained at.
        device: where it computes.

    Raises:
        ValueError: for a strength out of range, channels that do not fit, or features that are
            not finite.
    """
    at = perturbation.path(steps) if strengths is None else tuple(strengths)
    if at[:1] != (perturbation.neutral,):
        at = (perturbation.neutral, *at)

    def seen(strength: float) -> Tensor:
        generator = torch.Generator().manual_seed(mixed_seed(seed, perturbation.key))
        return perturbation(image[None], strength, generator, image_size)

    images = torch.cat([seen(strength) for strength in at])
    with _read_only([encode]):
        features = as_matrix(encode(images.to(device)), "features").float().cpu()
    rows = unit(features).double()
    return Path(perturbation.key, at, images, features.numpy(), (rows @ rows[0]).numpy())


@contextmanager
def _read_only(encoders: Iterable[Encode]) -> Generator[None]:
    """No gradients, and every module among the encoders in evaluation mode for the time."""
    with ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        for one in encoders:
            if isinstance(one, nn.Module):
                stack.enter_context(evaluating(one))
        yield


def _unit(encode: Encode, images: Tensor, name: str) -> Tensor:
    encoded = as_matrix(encode(images), f"features of the {name} encoder")
    if len(encoded) != len(images):
        raise ValueError(
            f"an encoder must give one feature row per image: {len(images)} images became "
            f"{tuple(encoded.shape)}"
        )
    return unit(encoded).float().cpu()


def _curve(
    perturbation: Perturbation, clean: Tensor, changed: Sequence[Tensor], different: float
) -> Curve:
    cosines = np.stack([(clean.double() * one.double()).sum(1).numpy() for one in changed])
    lower, median, upper = np.quantile(cosines, (0.25, 0.5, 0.75), axis=1)
    mean = cosines.mean(1)
    room = 1.0 - different
    normalised = (mean - different) / room if room > COLLAPSED else np.full(len(mean), np.nan)
    retrieved = np.array([_retrieved(clean, one) for one in changed])
    return Curve(
        perturbation.key,
        perturbation.strengths,
        mean,
        lower,
        median,
        upper,
        normalised,
        retrieved,
    )


def _retrieved(clean: Tensor, changed: Tensor) -> float:
    """Part of the changed images that lie strictly nearer to their original than to any other."""
    hits = 0
    for start in range(0, len(clean), 1024):
        scores = changed[start : start + 1024] @ clean.T
        here = torch.arange(len(scores))
        own = scores[here, here + start].clone()
        scores[here, here + start] = -torch.inf
        hits += int((own > scores.amax(1)).sum())
    return hits / len(clean)
