"""A mask carried along a clip by a run: its frames read, its checkpoint opened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from sslcore.assessment.trained import open_trained
from sslcore.assessment.watch import Watch
from sslcore.data import video
from sslcore.data.decode import load_image
from sslcore.data.image_file import SUFFIXES, UnreadableError
from sslcore.evaluation.mask_propagation import Labels, carried
from sslcore.method import CarriesMasks
from sslcore.runs.directory import RunDirectory

FINER = 2
"""Frames are read so many times larger than in training: places are as many times finer."""
SHARPER = 0.5
"""The temperature beside that of training: a mask is wanted from the best matches alone."""
_COLOUR = 3
"""Channels of a frame: clips are read in colour."""
_LARGEST = 1 << 16


class CarryError(ValueError):
    """A clip or mask that cannot be used; one sentence with the remedy."""


def frames_of(clip: Path, first: str = "", count: int | None = None) -> list[Path]:
    """The frames of a clip in order of time.

    Args:
        clip: a folder with a picture for every frame, ordered by the numbers in their names; or a
            video.
        first: name of the frame to begin with; "" is the first one there is.
        count: frames at most; None is all of them.

    Raises:
        CarryError: if there are fewer than two, or none of that name.
    """
    if clip.is_file() and clip.suffix.lower() in video.SUFFIXES:
        try:
            found = video.look(clip).count
        except video.VideoError as error:
            raise CarryError(f"--frames {clip}: {error}") from None
        paths = [Path(video.frame_path(str(clip), number)) for number in range(found)]
    elif clip.is_dir():
        paths = [one for one in clip.iterdir() if one.suffix.lower() in SUFFIXES]
        paths = sorted((one for one in paths if not one.name.startswith(".")), key=_in_time)
    else:
        raise CarryError(f"--frames {clip}: there is no such folder or video; check the path")
    if first:
        names = [one.name for one in paths]
        known = names if first in names else [frame_name(one) for one in paths]
        if first not in known:
            raise CarryError(f"--first {first}: there is no such frame in {clip}")
        paths = paths[known.index(first) :]
    paths = paths[:count]
    if len(paths) < 2:
        there = "a single frame" if paths else "no frame"
        raise CarryError(
            f"--frames {clip}: {there} to carry along; a clip has a picture for every frame, two "
            "at least"
        )
    return paths


def frame_name(path: Path) -> str:
    """What a frame is called: the name of its file without suffix, or its number in the video."""
    frame = video.split_path(str(path))
    return path.stem if frame is None else f"{frame[1]:06d}"


def _in_time(path: Path) -> list[tuple[int, int, str]]:
    """Numbers in a name count as numbers: frame 9 comes before frame 10."""
    parts = re.findall(r"\d+|\D+", path.name)
    return [(0, int(one), "") if one.isdigit() else (1, 0, one) for one in parts]


@dataclass(frozen=True)
class Carrier:
    """A checkpoint that carries masks.

    Attributes:
        method: trained, in evaluation mode.
        step: of the checkpoint.
        device: where it computes.
        size: short side in pixels at which it is asked.
        patch: sides are multiples of this.
        temperature: of the attention it is asked with.
    """

    method: CarriesMasks
    step: int
    device: torch.device
    size: int
    patch: int
    temperature: float

    def prepared(self, picture: Image.Image) -> Tensor:
        """(3, h, w) of a whole frame in [0, 1]: as long beside its height as it is."""
        scale = self.size / min(picture.size)
        wide, high = (
            max(round(side * scale / self.patch), 1) * self.patch for side in picture.size
        )
        resized = picture.resize((wide, high), Image.Resampling.BICUBIC, reducing_gap=2.0)
        pixels = torch.from_numpy(np.asarray(resized, np.float32) / 255).permute(2, 0, 1)
        return pixels.to(self.device)


def open_carrier(
    directory: RunDirectory,
    which: str = "auto",
    *,
    size: int | None = None,
    temperature: float | None = None,
) -> Carrier:
    """The checkpoint of a run that is to carry masks.

    Args:
        directory: of the run.
        which: "auto" for the newest whole checkpoint, or one by name or path.
        size: short side of frames in pixels; None is twice that of training.
        temperature: of the attention; None is half that of training.

    Raises:
        CheckpointError: if there is no checkpoint yet, or it is damaged.
        CarryError: if the method did not learn to find places again, or not in images of three
            channels, or numbers are out of range.
    """
    opened = open_trained(directory, which)
    method = opened.method
    if not isinstance(method, CarriesMasks):
        raise CarryError(
            f"{directory.path}: {method.card.title} did not learn where the places of a frame were "
            "before, so it cannot carry a mask; open a run of video colourisation"
        )
    encoder = method.encoder()
    if encoder.channels != _COLOUR:
        raise CarryError(
            f"{directory.path}: was trained on images of {encoder.channels} channels; masks are "
            "carried in runs of colour images; train one with data.channels=auto"
        )
    trained_at = float(getattr(method.config, "temperature", 1.0))
    size = size or FINER * opened.recipe.data.image_size
    temperature = SHARPER * trained_at if temperature is None else temperature
    if not 8 <= size <= 4096:
        raise CarryError(f"--size {size}: frames are read at 8 to 4096 pixels")
    if not 0 < temperature <= 100:
        raise CarryError(f"--temperature {temperature:g}: must be above 0 and at most 100")
    patch = encoder.patch if encoder.works_on_patches else 1
    step = opened.checkpoint.step
    return Carrier(method, step, opened.device, size, patch, temperature)


def carry(
    carrier: Carrier,
    frames: Sequence[Path],
    mask: Labels,
    *,
    references: int | None = None,
    watch: Watch | None = None,
) -> Iterator[tuple[Image.Image, Labels]]:
    """Every frame with its labels, the first one's as they were given.

    Args:
        carrier: the checkpoint.
        frames: files in order of time.
        mask: (H, W) labels of the first one, in its shape.
        references: frames copied from at most; None is as many as in training.
        watch: told of progress, asked before every frame.

    Raises:
        CarryError: if frames differ in size.
        UnreadableError: if one cannot be read.
        Cancelled: if it was called off.
    """
    watch = watch or Watch()
    told = watch.stage("Carrying the mask")
    shown: list[Image.Image] = []

    def frame(number: int) -> Tensor:
        watch.check()
        picture = read_frame(frames[number])
        if shown and picture.size != shown[0].size:
            raise CarryError(
                f"{frames[number]}: {_size(picture)} pixels, the first frame has "
                f"{_size(shown[0])}; the frames of a clip are of one size"
            )
        shown[1:] = [picture]  # the newest; the first stays to be compared with
        shown[:1] = shown[:1] or [picture]
        return carrier.prepared(picture)

    found = carried(
        carrier.method,
        frame,
        len(frames),
        mask,
        references=references,
        temperature=carrier.temperature,
    )
    for number, labels in enumerate(found):
        yield shown[-1], labels
        told(number + 1, len(frames))


def read_frame(path: Path) -> Image.Image:
    """A whole frame, upright, RGB.

    Raises:
        UnreadableError: with the file.
    """
    try:
        return load_image(path, _LARGEST)
    except UnreadableError as error:
        raise UnreadableError(f"{path}: {error}") from None


def fitting(mask: Labels, first: Image.Image, names: tuple[str, str]) -> Labels:
    """The mask, if it has the size of a frame.

    Args:
        mask: (H, W).
        first: the frame it belongs to.
        names: of the mask and of the frame, for the error.

    Raises:
        CarryError: if it has another.
    """
    if mask.shape != (first.height, first.width):
        raise CarryError(
            f"{names[0]}: {mask.shape[1]} x {mask.shape[0]} pixels, but {names[1]} has "
            f"{_size(first)}; a mask has the size of the frame it belongs to"
        )
    return mask


def _size(picture: Image.Image) -> str:
    return f"{picture.width} x {picture.height}"
