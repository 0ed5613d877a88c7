"""What the dial shows: an image at growing strengths of one augmentation, and where it goes."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.panels import explore_making as making
from app.panels.explore_encoder import EncoderAt, read_as_stored
from app.plots.raster import image_of

if TYPE_CHECKING:
    from app.panels.explore_layouts import Layout
    from app.panels.explore_near import Banks
    from app.panels.explore_probe import Probe
    from app.tasks import Ticket
    from sslcore.events import CheckpointSaved

STEPS = 17
"""Strengths the slider stops at."""


@dataclass(frozen=True)
class Augmentation:
    """One that can be turned up.

    Attributes:
        key, title: of it.
        scale: what its strength counts.
        channels: of images it works for; empty for any.
    """

    key: str
    title: str
    scale: str
    channels: tuple[int, ...]


@dataclass(frozen=True)
class Asked:
    """What the dial is to show.

    Attributes:
        layout: the map.
        position: of the image on it.
        key: of the augmentation.
        seed: of what is drawn.
    """

    layout: Layout
    position: int
    key: str
    seed: int


@dataclass(frozen=True, eq=False)
class Dialled:
    """The way of one image; a row for each of S strengths, the first of which is none.

    Attributes:
        asked: what was asked for.
        title, scale: of the augmentation.
        strengths: S numbers.
        words: each with its unit.
        pictures: what the encoder saw.
        cosines: (S,) float64 with the image itself.
        different: mean cosine of different images of the map, or NaN with another encoder.
        step: of the encoder's checkpoint.
        places: (S, 2) float32 on the map; None where it has none.
        nearest: position of the nearest image of the map for each strength; empty with another
            encoder.
    """

    asked: Asked
    title: str
    scale: str
    strengths: tuple[float, ...]
    words: tuple[str, ...]
    pictures: tuple[QImage, ...]
    cosines: NDArray[np.float64]
    different: float
    step: int
    places: NDArray[np.float32] | None
    nearest: tuple[int, ...]

    @property
    def stays(self) -> int:
        """The last strength up to which the image itself is the nearest one, -1 for none."""
        own = [one == self.asked.position for one in self.nearest]
        return next((n for n, same in enumerate(own) if not same), len(own)) - 1


def augmentations() -> tuple[Augmentation, ...]:
    """Those there are; imports torch."""
    module: Any = importlib.import_module("sslcore.evaluation.perturbations")
    return tuple(Augmentation(one.key, one.title, one.scale, one.channels) for one in module.ALL)


def dialled(
    asked: Asked,
    probe: Probe,
    run: Path,
    checkpoints: list[CheckpointSaved],
    encoders: EncoderAt,
    banks: Banks,
    ticket: Ticket,
) -> Dialled:
    """Turn one augmentation up on one image, on a worker.

    Raises:
        ValueError: if the image or the encoder cannot be read, or the augmentation does not work
            for the image.
    """
    module: Any = importlib.import_module("sslcore.evaluation.invariance")
    known: Any = importlib.import_module("sslcore.evaluation.perturbations")
    layout, catalogue = asked.layout, probe.catalogue
    if catalogue is None:
        raise ValueError("the run's images are not open; open them to turn something up on one")
    step, encoder = encoders.load(run, checkpoints, layout.space.step)
    row = int(probe.index[asked.position])
    image = read_as_stored(catalogue.path(row), encoder, catalogue)[0]
    (perturbation,) = known.find([asked.key])
    found: Any = module.path(
        encoder,
        image,
        perturbation,
        steps=STEPS,
        seed=asked.seed,
        image_size=encoder.image_size,
    )
    places, nearest, different = None, (), float("nan")
    if step == layout.space.step:
        bank = banks.of(layout.space, ticket)
        nearest = tuple(int(bank.nearest(one, 1)[0][0]) for one in found.features)
        different = bank.mean_cosine()
        if layout.dimensions == 2:
            places = making.placed(layout, found.features)
    return Dialled(
        asked=asked,
        title=perturbation.title,
        scale=perturbation.scale,
        strengths=found.strengths,
        words=tuple(perturbation.words(one) for one in found.strengths),
        pictures=tuple(_picture(one) for one in found.images),
        cosines=found.cosines,
        different=different,
        step=step,
        places=places,
        nearest=nearest,
    )


def _picture(image: Any) -> QImage:
    """(C, H, W) in [0, 1] as it is shown."""
    pictures: Any = importlib.import_module("sslcore.losses.pictures")
    return image_of(pictures.pixels(image[None])[0])
