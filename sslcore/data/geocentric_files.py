"""HHA files from depth files: ``room/depth/x.png`` becomes ``room/hha/x.png``.

What the three channels are, :mod:`sslcore.augment.geocentric` says. Files are 8-bit RGB, scaled as
the authors scale theirs; :mod:`sslcore.data.pairs` reads them as pictures beside the images.

Every file says in a text of its own which camera it was made for. Those of another camera are made
anew, so that no folder holds two kinds; files that come from elsewhere stay as they are.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from sslcore.augment.geocentric import as_picture, hha
from sslcore.data.bands import ARRAYS
from sslcore.data.decode import upright
from sslcore.data.folder import Problem, find_images
from sslcore.data.image_file import SUFFIXES, UnreadableError, is_deep, opened
from sslcore.data.pairs import IMAGES, TARGETS
from sslcore.data.pool import CancelAsked, Progress, each, raise_if_cancelled
from sslcore.data.takeout import beside, told

FOLDERS = tuple(name for name, role in TARGETS.items() if role == "depth")
"""Names of folders of depth, in lower case."""

HHA = "hha"
"""The folder beside them that HHA goes to."""

MARK = "HHA"
"""Name of the text in every file."""

MILLIMETRE = 0.001
"""Metres of one step of a 16-bit depth file, where nobody says otherwise."""

NARROWEST, WIDEST = 1.0, 175.0
"""Degrees across that a camera can see; beyond them a focal length is in another unit."""

FORMATS = SUFFIXES - {ARRAYS}
"""Names that promise a picture; arrays that lie beside the pictures are passed over."""

Pair = tuple[float, float]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera: either its focal lengths or its field of view.

    Attributes:
        focal: focal lengths across and down in pixels of the depth files; None goes by the field of
            view, alike across and down.
        centre: column and row of the optical axis in pixels, the first pixel being 0; None takes
            the middle of the image.
        field_of_view: degrees from the left edge to the right one; not used beside ``focal``.
    """

    focal: Pair | None = None
    centre: Pair | None = None
    field_of_view: float = 60.0

    def of(self, width: int, height: int) -> tuple[Pair, Pair]:
        """Focal lengths and centre for files of a size.

        Raises:
            ValueError: if no camera is like that, naming what to change.
        """
        if not NARROWEST <= self.field_of_view <= WIDEST:
            raise ValueError(
                f"field of view = {self.field_of_view:g}: a camera sees {NARROWEST:g} to "
                f"{WIDEST:g} degrees across"
            )
        alike = width / 2 / math.tan(math.radians(self.field_of_view) / 2)
        focal = (alike, alike) if self.focal is None else self.focal
        for length, side in zip(focal, (width, height), strict=True):
            seen = math.degrees(2 * math.atan2(side / 2, length))
            if not (math.isfinite(length) and length > 0 and NARROWEST <= seen <= WIDEST):
                raise ValueError(
                    f"focal = {focal[0]:g} {focal[1]:g}: in images of {width} x {height} pixels no "
                    "camera has such focal lengths; give them in pixels of these very files "
                    f"({alike:.0f} would be {self.field_of_view:g} degrees across)"
                )
        centre = ((width - 1) / 2, (height - 1) / 2) if self.centre is None else self.centre
        if not (0 <= centre[0] < width and 0 <= centre[1] < height):
            raise ValueError(
                f"centre = {centre[0]:g} {centre[1]:g}: lies outside of images of {width} x "
                f"{height} pixels; give column and row in pixels of these very files"
            )
        return focal, centre


@dataclass(frozen=True)
class Seen:
    """What there is to do.

    Attributes:
        count: files of depth.
        width, height: of the first of them that can be read, in pixels, upright.
        fractions: whether that one holds fractions, which are metres as a rule.
    """

    count: int
    width: int
    height: int
    fractions: bool


@dataclass(frozen=True)
class Task:
    """One file: where its depth is, and where its HHA goes."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Made:
    """What was done.

    Attributes:
        written: how many files.
        there: how many were there already and stay.
        problems: files of depth that get no HHA, with the reason.
        median: metres that half of all measured pixels are nearer than (the median over files of
            their medians); NaN where nothing was written. Tells a wrong unit.
        folders: that hold the files, relative to the folder.
    """

    written: int
    there: int
    problems: tuple[Problem, ...]
    median: float
    folders: tuple[str, ...]


def tasks(
    root: Path, depth: str = "auto", out: str = HHA, cancelled: CancelAsked | None = None
) -> list[Task]:
    """Every file of depth below a folder and what becomes of it; ``.npy`` files are passed over.

    Args:
        root: the folder.
        depth: name of the folders of depth, "auto" for those of :data:`FOLDERS`.
        out: name of the folders beside them.
        cancelled: asked often.

    Raises:
        ValueError: if there is none, or a name cannot be.
        Cancelled: if called off.
    """
    wanted = FOLDERS if depth == "auto" else (depth.lower(),)
    _check_name(out, wanted)
    found: dict[Path, Path] = {}
    for path in find_images(root, cancelled=cancelled).images:
        parts = PurePosixPath(path).parts
        places = [at for at, part in enumerate(parts[:-1]) if part.lower() in wanted]
        if not places or PurePosixPath(path).suffix.lower() not in FORMATS:
            continue
        target = Path(*parts[: places[-1]], out, *parts[places[-1] + 1 :]).with_suffix(".png")
        if target in found:
            raise ValueError(
                f"{path}: {found[target].name} beside it has the same name and would become the "
                f"same file {target.as_posix()}; move one of them"
            )
        found[target] = Path(path)
    if not found:
        names = f"{depth}/" if depth != "auto" else " or ".join(f"{name}/" for name in FOLDERS)
        raise ValueError(
            f"{root}: no images in a folder {names}; put depth of x.png into depth/x.png beside "
            "rgb/x.png, or name its folder with --depth"
        )
    return [Task(root / source, root / target) for target, source in found.items()]


def look(root: Path, depth: str = "auto", cancelled: CancelAsked | None = None) -> Seen:
    """How many files of depth there are, and what the first one is like that can be read.

    Raises:
        ValueError: if there is none.
        UnreadableError: if none can be read, naming the first.
        Cancelled: if called off.
    """
    return _first(root, tasks(root, depth, cancelled=cancelled), cancelled)


def make(
    root: Path,
    camera: Camera,
    unit: float | None = None,
    depth: str = "auto",
    out: str = HHA,
    *,
    again: bool = False,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Made:
    """Write HHA of all depth below a folder; every file is whole or not there.

    Files of another size than the first one that can be read are no pictures of the same camera
    and are told as problems.

    Args:
        root: the folder.
        camera: of all of its files.
        unit: metres of one step; None is a millimetre for whole numbers, a metre for fractions.
        depth: name of the folders of depth, "auto" for those of :data:`FOLDERS`.
        out: name of the folders for HHA, beside them.
        again: whether also those are made anew that are of this camera or come from elsewhere.
        progress: called with (done, files).
        cancelled: asked often.

    Raises:
        ValueError: if there is no depth or the camera cannot be.
        TakeoutError: if a file cannot be written.
        Cancelled: if called off; what is written stays, and another call goes on from there.
    """
    if unit is not None and not 0 < unit < math.inf:
        raise ValueError(f"unit = {unit:g}: metres of one step of the file must be positive")
    wanted = tasks(root, depth, out, cancelled)
    size = _shared_size(root, wanted, camera, cancelled)
    mark = f"{camera}, unit={unit}"
    missing = [one for one in wanted if again or not _stays(one.target, mark, cancelled)]
    work = partial(_write, camera=camera, size=size, unit=unit, mark=mark)
    problems: list[Problem] = []
    medians: list[float] = []
    results = each(work, missing, progress=progress, cancelled=cancelled)
    for one, result in zip(missing, results, strict=True):
        if isinstance(result, str):
            problems.append(Problem(one.source.relative_to(root).as_posix(), result))
        else:
            medians.append(result)
    measured = [one for one in medians if math.isfinite(one)]
    return Made(
        written=len(medians),
        there=len(wanted) - len(missing),
        problems=tuple(problems),
        median=float(np.median(measured)) if measured else math.nan,
        folders=_folders(root, wanted, out),
    )


def read_depth(path: Path, unit: float | None = None) -> NDArray[np.float32]:
    """Depth of a file in metres, upright.

    Args:
        path: 16-bit PNG, or TIFF with whole numbers or fractions.
        unit: metres of one step; None is a millimetre for whole numbers, a metre for fractions.

    Returns:
        (h, w) float32; 0 or not finite where nothing was measured.

    Raises:
        UnreadableError: with the reason.
    """
    picture = _decoded(path)
    step = unit if unit is not None else (1.0 if picture.mode == "F" else MILLIMETRE)
    return np.asarray(picture).astype(np.float32) * np.float32(step)


def encode(depth: NDArray[np.float32], camera: Camera) -> NDArray[np.uint8]:
    """(h, w) metres -> (h, w, 3) HHA of 8 bits.

    Raises:
        ValueError: if the camera cannot be.
    """
    focal, centre = camera.of(depth.shape[1], depth.shape[0])
    picture = as_picture(hha(torch.from_numpy(depth)[None, None], focal, centre))
    return (picture[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()


def _decoded(path: Path) -> Image.Image:
    """Depth as it is in its file, upright; mode F are fractions."""
    with opened(path) as file:
        if not is_deep(file):
            raise UnreadableError(
                f"8-bit ({file.mode}), not 16-bit: 256 steps are too coarse for surfaces; take the "
                "depth as the sensor wrote it"
            )
        file.load()
        return upright(file, file)


def _first(root: Path, wanted: Sequence[Task], cancelled: CancelAsked | None) -> Seen:
    """What the first file is like that can be read."""
    reasons: list[str] = []
    for one in wanted:
        raise_if_cancelled(cancelled)
        try:
            picture = _decoded(one.source)
        except UnreadableError as error:
            reasons.append(f"{one.source.relative_to(root).as_posix()}: {error}")
        else:
            return Seen(len(wanted), picture.width, picture.height, picture.mode == "F")
    raise UnreadableError(reasons[0])


def _shared_size(
    root: Path, wanted: Sequence[Task], camera: Camera, cancelled: CancelAsked | None
) -> tuple[int, int] | None:
    """Width and height of the files the camera is for, once it is known to be one for them.

    None where no file can be read: then each of them tells its own reason.
    """
    try:
        seen = _first(root, wanted, cancelled)
    except UnreadableError:
        return None
    camera.of(seen.width, seen.height)
    return seen.width, seen.height


def _stays(target: Path, mark: str, cancelled: CancelAsked | None) -> bool:
    """Whether a file is there and whole, and not ours of another camera."""
    raise_if_cancelled(cancelled)
    if not target.exists():
        return False
    try:
        with opened(target) as file:
            return file.info.get(MARK, mark) == mark
    except UnreadableError:
        return False


def _write(
    task: Task, camera: Camera, size: tuple[int, int] | None, unit: float | None, mark: str
) -> float | str:
    """The median depth of a file once its HHA is written, or why there is none."""
    try:
        depth = read_depth(task.source, unit)
    except UnreadableError as error:
        return str(error)
    high, wide = depth.shape
    if size is not None and (wide, high) != size:
        return f"{wide} x {high} pixels, the first has {size[0]} x {size[1]}; all share one camera"
    content, texts = io.BytesIO(), PngInfo()
    texts.add_text(MARK, mark)
    picture = Image.fromarray(encode(depth, camera))
    picture.save(content, "PNG", compress_level=4, pnginfo=texts)
    part = beside(task.target)
    try:
        task.target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            stream.write(content.getvalue())
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(task.target)
    except OSError as error:
        raise told(error, task.target) from None
    finally:
        part.unlink(missing_ok=True)
    measured = depth[np.isfinite(depth) & (depth > 0)]
    return float(np.median(measured)) if measured.size else math.nan


def _check_name(out: str, depth: Sequence[str]) -> None:
    name = out.lower()
    if not out or out.startswith(".") or PurePosixPath(out).name != out or "\\" in out:
        raise ValueError(f"out = {out!r}: a plain name of a folder is needed, such as {HHA}")
    if name in depth or name in IMAGES or TARGETS.get(name, "picture") != "picture":
        raise ValueError(
            f"out = {out!r}: a folder of this name holds something else; choose another, such as "
            f"{HHA}"
        )


def _folders(root: Path, wanted: Sequence[Task], out: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for one in wanted:
        parts = one.target.relative_to(root).parts
        last = max(at for at, part in enumerate(parts[:-1]) if part == out)
        found["/".join(parts[: last + 1])] = None
    return tuple(found)
