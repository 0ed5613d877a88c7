"""``sslcore carry``: a mask of the first frame carried along a clip, frame by frame."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from sslcore.assessment.carrying import (
    Carrier,
    CarryError,
    carry,
    fitting,
    frame_name,
    frames_of,
    open_carrier,
    read_frame,
)
from sslcore.assessment.watch import Watch
from sslcore.commands.console import InputError, Meter, open_run, say
from sslcore.data.image_file import SUFFIXES
from sslcore.data.mask_file import Labels, read_mask, save_mask
from sslcore.evaluation.mask_propagation import Overlap, means, overlaps
from sslcore.export import colours, writing

Bytes = NDArray[np.uint8]
TINT = 0.55
"""How much of a frame the colour of a label hides."""


def run(arguments: argparse.Namespace) -> int:
    """Write masks and overlays of all frames, and say how well they fit a truth."""
    out, clip = Path(arguments.out), Path(arguments.frames)
    writing.refuse_what_is_there(out)
    for name in ("count", "references"):
        if getattr(arguments, name) is not None and getattr(arguments, name) < 1:
            raise InputError(f"--{name} {getattr(arguments, name)}: must be at least 1")
    frames = frames_of(clip, arguments.first, arguments.count)
    own = Path(arguments.mask)
    mask = fitting(read_mask(own), read_frame(frames[0]), (str(own), str(frames[0])))
    if mask.min() < 0 or mask.max() > 65535:
        raise InputError(f"{own}: its numbers must be 0 to 65535")
    truth = _truth(arguments.truth, frames)
    carrier = open_carrier(
        open_run(arguments.run),
        arguments.checkpoint,
        size=arguments.size,
        temperature=arguments.temperature,
    )
    meter = Meter("Carrying the mask")
    try:
        with writing.beside(out) as part:
            scores = _written(part, carrier, frames, mask, truth, arguments.references, meter)
            if scores:
                _table(part / "scores.csv", scores, frames)
            writing.settle(part, out)
    finally:
        meter.close()
    say(f"{out}: masks and overlays of {len(frames)} frames (checkpoint of step {carrier.step:,})")
    if scores:
        carried, still = means(scores)
        count = len({one.frame for one in scores})
        say(f"J mean {carried:.3f} over {count} frames (a mask that stays in place: {still:.3f})")
    return 0


def _written(
    part: Path,
    carrier: Carrier,
    frames: list[Path],
    mask: Labels,
    truth: dict[int, Path],
    references: int | None,
    meter: Meter,
) -> list[Overlap]:
    """Fill a folder, and hold every frame against its truth."""
    labels = np.unique(mask)
    palette = palette_of(labels)
    for folder in ("masks", "overlays"):
        (part / folder).mkdir()
    scores: list[Overlap] = []
    watch = Watch(lambda _, done, total: meter(done, total))
    pictures = carry(carrier, frames, mask, references=references, watch=watch)
    for number, (picture, found) in enumerate(pictures):
        save_mask(part / "masks" / f"{frame_name(frames[number])}.png", found, palette)
        shown = Image.fromarray(overlaid(np.asarray(picture), found, labels))
        shown.save(part / "overlays" / f"{frame_name(frames[number])}.png", "PNG")
        if number in truth:
            right = _right(truth[number], picture, frames[number], labels)
            scores += overlaps(number, found, mask, right)
    return scores


def _right(path: Path, picture: Image.Image, frame: Path, labels: Labels) -> Labels:
    """The true mask of a frame, in the numbers of the mask that was given."""
    found = fitting(read_mask(path, empty=True), picture, (str(path), str(frame)))
    own, there = (sorted({*one.tolist()} - {0}) for one in (labels, np.unique(found)))
    if there and not {*own} & {*there}:
        raise CarryError(
            f"{path}: has the numbers {', '.join(map(str, there))}, but the mask has "
            f"{', '.join(map(str, own))}; give an object the same number in both"
        )
    return found


def _truth(folder: str | None, frames: list[Path]) -> dict[int, Path]:
    """Number of a frame -> its true mask, of the frames after the first."""
    if folder is None:
        return {}
    if not Path(folder).is_dir():
        raise CarryError(f"--truth {folder}: there is no such folder; check the path")
    known = {one.stem: one for one in Path(folder).iterdir() if one.suffix.lower() in SUFFIXES}
    found = {
        number: known[frame_name(one)]
        for number, one in enumerate(frames)
        if number and frame_name(one) in known
    }
    if not found:
        raise CarryError(
            f"--truth {folder}: no mask has the name of a frame, such as "
            f"{frame_name(frames[1])}.png"
        )
    return found


def _table(file: Path, scores: list[Overlap], frames: list[Path]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["frame", "label", "overlap", "overlap_if_still"])
        for one in scores:
            row = (frames[one.frame].name, one.label, f"{one.carried:.4f}", f"{one.still:.4f}")
            writer.writerow(row)


def palette_of(labels: Labels) -> Bytes:
    """(256, 3) black, and for every label but 0 a colour of its own."""
    made = np.zeros((256, 3), np.uint8)
    for number, label in enumerate(one for one in labels.tolist() if 0 < one < 256):
        made[label] = ImageColor.getrgb(colours.of_class(number))[:3]
    return made


def overlaid(picture: Bytes, found: Labels, labels: Labels) -> Bytes:
    """(H, W, 3) a frame with the colours of its labels laid over it.

    Args:
        picture: (H, W, 3).
        found: (H, W) labels.
        labels: all there are, which settles their colours.
    """
    made = picture.astype(np.float32)
    for number, label in enumerate(one for one in labels.tolist() if one):
        tint = np.array(ImageColor.getrgb(colours.of_class(number))[:3], np.float32)
        there = found == label
        made[there] = (1 - TINT) * made[there] + TINT * tint
    return np.round(made).astype(np.uint8)
