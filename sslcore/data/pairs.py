"""Pairs: an image and what is to be predicted from it, in parallel folders by file stem.

``rgb/x.png`` goes with ``depth/x.png``, at any depth of the tree (``room/rgb/x.png``,
``rgb/room/x.png``); ``rgb_x`` goes with ``depth_x`` where no names are equal. What a target is, its
folder says:

- *depth*: grey pictures are numbers as they stand in the file (16-bit PNG, TIFF with metres);
- *labels* (also masks, segmentation): grey values or palette entries are class numbers;
- *hha* and depth in colour: three channels from 0 to 1.

Sides are made equal as those of images are, with the nearest pixel for numbers and classes:
a mean of two depths or two classes is neither.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sslcore.data.decode import centred_box, decode, upright
from sslcore.data.folder import CatalogueError
from sslcore.data.image_file import Header, UnreadableError, is_deep, opened

Role = Literal["depth", "labels", "picture"]

IMAGES = frozenset("rgb image images img imgs color colour colors colours photo photos".split())  # noqa: SIM905 - one line
"""Names of folders of images that have a partner, in lower case."""

TARGETS: Mapping[str, Role] = {
    "depth": "depth",
    "depths": "depth",
    "label": "labels",
    "labels": "labels",
    "mask": "labels",
    "masks": "labels",
    "seg": "labels",
    "segmentation": "labels",
    "segmentations": "labels",
    "annotation": "labels",
    "annotations": "labels",
    "hha": "picture",
}
"""Names of folders of targets, in lower case and in the order of preference, and what they hold."""

_WORD = re.compile(rf"(?:^|[_\-. ])(?:{'|'.join((*IMAGES, *TARGETS))})(?=$|[_\-. \d])")
_ASPECT = 0.03  # Shapes of image and target may differ by this part

_Key = tuple[tuple[str, ...], tuple[str, ...], str]


@dataclass(frozen=True)
class Pairing:
    """Which files of a folder belong together.

    Attributes:
        partner: position of an image -> position of its target.
        aside: positions of all files in folders of targets; they are no images to train on.
        folder: name of the folder of targets that was taken, "" if there is none.
        lacks: why there are no pairs, where folders have the right names; else "".
        folders: names of all folders of targets with partners, the one that was taken among them.
    """

    partner: Mapping[int, int]
    aside: frozenset[int]
    folder: str
    lacks: str = ""
    folders: tuple[str, ...] = ()

    @classmethod
    def none(cls) -> Pairing:
        """Nothing belongs together."""
        return cls({}, frozenset(), "")


@dataclass(frozen=True, eq=False)
class Targets:
    """The targets of a catalogue's images, row for row, as a pixel store reads them.

    Attributes:
        root: the folder.
        paths: N relative paths, "" where an image has none.
        role: what they hold.
        folder: name of their folder.
        sizes: (N, 2) int64, height and width of the images they belong to.
        fingerprint: of paths, file sizes and times.
        folders: names of all folders of targets, this one among them.
    """

    root: Path
    paths: tuple[str, ...]
    role: Role
    folder: str
    sizes: NDArray[np.int64]
    fingerprint: str
    folders: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def channels(self) -> int:
        """3 for pictures, 1 for numbers and classes."""
        return 3 if self.role == "picture" else 1

    @property
    def bits(self) -> Literal[8, 16, 32]:
        """As stored: bytes, class numbers, or floating-point numbers."""
        return {"picture": 8, "labels": 16, "depth": 32}[self.role]  # pyright: ignore[reportReturnType] - literals

    @property
    def rows(self) -> NDArray[np.int64]:
        """Catalogue rows that have a target."""
        return np.flatnonzero([bool(path) for path in self.paths]).astype(np.int64)

    def decode(self, row: int, side: int) -> NDArray[Any]:
        """One target as a square: (1 or 3, side, side).

        Raises:
            UnreadableError: with the reason.
        """
        if not self.paths[row]:
            raise UnreadableError("it has no target")
        path = self.root / self.paths[row]
        return decode(path, side) if self.role == "picture" else numbers(path, side, self.role)


def numbers(path: Path, side: int, role: Role) -> NDArray[Any]:
    """Depth or class numbers of a file, its centred square by the nearest pixel.

    Args:
        path: the file.
        side: of the square.
        role: "depth" or "labels".

    Returns:
        (1, side, side): float32 numbers as they stand in the file, or uint16 class numbers.

    Raises:
        UnreadableError: with the reason.
    """
    with opened(path) as file:
        if not (is_deep(file) or file.mode in ("L", "P", "1")):
            if role == "labels":
                raise UnreadableError(
                    f"colours ({file.mode}) where class numbers are needed; save it as grey or "
                    "palette PNG"
                )
            raise UnreadableError(f"colours ({file.mode}) where other files here have numbers")
        file.load()
        box = centred_box(file.size)
        plain: Image.Image = file
        if file.mode in ("P", "1"):
            plain = Image.fromarray(np.asarray(file).astype(np.uint8))  # entries, not colours
        square = plain.resize((side, side), Image.Resampling.NEAREST, box=box)
        values = np.asarray(upright(square, file)).astype(np.float32)
    if not np.isfinite(values).all():
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)  # no measurement there
    if role == "labels":
        return np.clip(np.rint(values), 0, 65535).astype(np.uint16)[None]
    return np.ascontiguousarray(values)[None]


def match(paths: Sequence[str], wanted: str = "auto") -> Pairing:
    """Find parallel folders.

    Args:
        paths: N relative paths.
        wanted: name of the folder of targets, or "auto" for the first of :data:`TARGETS` that
            has partners.

    Raises:
        CatalogueError: if a folder was named and nothing in it has a partner.
    """
    images: list[tuple[int, _Key]] = []
    targets: defaultdict[str, list[tuple[int, _Key]]] = defaultdict(list)
    names: dict[str, str] = {}
    for number, path in enumerate(paths):
        place = PurePosixPath(path)
        folders = place.parts[:-1]
        for depth in reversed(range(len(folders))):
            name = folders[depth].lower()
            key = (folders[:depth], folders[depth + 1 :], place.stem)
            if name in TARGETS or name == wanted.lower():
                targets[name].append((number, key))
                names[name] = folders[depth]
            elif name in IMAGES:
                images.append((number, key))
            else:
                continue
            break
    chosen: tuple[str, dict[int, int]] | None = None
    aside: set[int] = set()
    taken: list[str] = []
    for name in sorted(targets, key=_preference):
        partner = _partners(images, targets[name])
        if partner:
            aside |= {number for number, _ in targets[name]}
            taken.append(names[name])
        if partner and (name == wanted.lower() or (wanted == "auto" and chosen is None)):
            chosen = (names[name], partner)
    if chosen is not None:
        return Pairing(chosen[1], frozenset(aside), chosen[0], folders=tuple(taken))
    if wanted != "auto":
        others = ", ".join(sorted(names.values())) or "none"
        raise CatalogueError(
            f"data.target = {wanted!r}: no file in a folder of this name has an image of the same "
            f"name in a folder rgb/ or images/ beside it; folders of targets here: {others}"
        )
    lacks = ""
    if targets and images:
        lacks = f"no file in {next(iter(names.values()))}/ has the name of an image beside it"
    elif targets:
        lacks = f"there is {next(iter(names.values()))}/, but no folder rgb/ or images/ beside it"
    return Pairing({}, frozenset(), "", lacks)


def build(
    root: Path, pairing: Pairing, rows: Sequence[int], paths: Sequence[str], headers: Sequence[Any]
) -> tuple[Targets, dict[str, str]]:
    """The targets of some images, and which were left out for what reason.

    Args:
        root: the folder.
        pairing: of ``paths``.
        rows: positions in ``paths`` of the images that become rows.
        paths: all files.
        headers: of all files, a :class:`Header` or why there is none.
    """
    kept: list[str] = []
    problems: dict[str, str] = {}
    for row in rows:
        place = pairing.partner.get(row)
        if place is None:
            kept.append("")
            problems[paths[row]] = f"there is no target of this name in {pairing.folder}/"
            continue
        image, target = headers[row], headers[place]
        fits = isinstance(target, Header) and not target.bands and _same_shape(image, target)
        if isinstance(target, Header) and target.bands:
            problems[paths[place]] = "a file of bands; save what is to be predicted as PNG or TIFF"
        elif isinstance(target, Header) and not fits:
            problems[paths[place]] = (
                f"{target.width} x {target.height} pixels do not fit an image of {image.width} x "
                f"{image.height}"
            )
        kept.append(paths[place] if fits else "")
    role = TARGETS.get(pairing.folder.lower(), "picture")
    known = [headers[pairing.partner[row]] for row, path in zip(rows, kept, strict=True) if path]
    if role == "depth" and sum(one.colour for one in known) * 2 > len(known):
        role = "picture"
    digest = hashlib.blake2b(f"{role}\n".encode(), digest_size=16)
    for path in kept:
        digest.update(f"{path}\0".encode("utf-8", "surrogateescape"))
    for one in known:
        digest.update(f"{one.size}\0{one.modified}\n".encode())
    sizes = np.array([(headers[row].height, headers[row].width) for row in rows], np.int64)
    found = (root, tuple(kept), role, pairing.folder, sizes, digest.hexdigest(), pairing.folders)
    return Targets(*found), problems


def _preference(name: str) -> int:
    order = tuple(TARGETS)
    return order.index(name) if name in order else -1


def _partners(
    images: Sequence[tuple[int, _Key]], targets: Sequence[tuple[int, _Key]]
) -> dict[int, int]:
    """Image -> target by equal stems; if none are equal, by stems without the words for either."""
    exact = {key: number for number, key in targets}
    found = {number: exact[key] for number, key in images if key in exact}
    if found:
        return found
    bare = {_bare(key): number for number, key in targets}
    if len(bare) < len(targets):
        return {}
    return {number: bare[_bare(key)] for number, key in images if _bare(key) in bare}


def _bare(key: _Key) -> _Key:
    return (key[0], key[1], _WORD.sub("", key[2].lower()).strip("_-. "))


def _same_shape(image: Header, target: Header) -> bool:
    ours, theirs = image.width / image.height, target.width / target.height
    return abs(ours / theirs - 1) <= _ASPECT
