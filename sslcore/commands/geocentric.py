"""``sslcore hha``: disparity, height and angle with gravity from depth, for pairs."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from sslcore.commands.console import InputError, Meter, note, say
from sslcore.data.folder import left_out
from sslcore.data.geocentric_files import Camera, Made, make

NO_CAMERA = (
    "--focal FX FY is missing: the focal lengths of the depth camera in pixels; its calibration "
    "calls them fx and fy. Where there is none, give --field-of-view DEGREES, from the left "
    "edge to the right, as the data sheet has it (58 for the first Kinect, 70 for the second)"
)


def run(arguments: argparse.Namespace) -> int:
    """Write HHA beside the depth of a folder."""
    folder, camera, meter = Path(arguments.folder), _camera(arguments), Meter("Making HHA")
    try:
        made = make(
            folder,
            camera,
            arguments.unit,
            arguments.depth,
            arguments.out,
            again=arguments.again,
            progress=meter,
        )
    finally:
        meter.close()
    if not made.written and not made.there:
        first = made.problems[0]
        raise InputError(f"{first.path}: {first.reason}")
    if made.problems:
        note(f"Warning: {left_out(made.problems)}")
    say(_words(folder, made))
    return 0


def _camera(arguments: argparse.Namespace) -> Camera:
    focal, seen = arguments.focal, arguments.field_of_view
    centre = None if arguments.centre is None else tuple(arguments.centre)
    if focal is not None and seen is not None:
        raise InputError("--focal and --field-of-view: give one of them, the other follows")
    if focal is not None:
        return Camera(focal=tuple(focal), centre=centre)
    if seen is not None:
        return Camera(centre=centre, field_of_view=seen)
    raise InputError(NO_CAMERA)


def _words(folder: Path, made: Made) -> str:
    first = folder / made.folders[0]
    where = str(first) if len(made.folders) == 1 else f"{first} and {len(made.folders) - 1:,} more"
    there = f", {made.there:,} were there already" if made.there else ""
    told = f"{made.written:,} {'file' if made.written == 1 else 'files'} written in {where}{there}"
    if math.isfinite(made.median):
        told += f"; half of all depths are nearer than {made.median:.3g} m (else change --unit)"
    return told
