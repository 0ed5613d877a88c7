"""Finding the image files below a folder, and reading splits and classes off their paths."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sslcore.data import video
from sslcore.data.image_file import SUFFIXES
from sslcore.data.pool import CancelAsked, Progress, raise_if_cancelled

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}
"""Names of folders and CSV cells that mean a split, in lower case, and the split they mean."""

CACHE_TAG = "CACHEDIR.TAG"
"""A folder with a file of this name is a cache (https://bford.info/cachedir/) and is skipped."""

_SKIPPED = frozenset({"__macosx", "@eadir", "$recycle.bin", "system volume information"})


class CatalogueError(ValueError):
    """A folder or CSV file that gives no catalogue; the message says what to do."""


@dataclass(frozen=True)
class Problem:
    """A file that was left out or is not used as it is, and why.

    Attributes:
        path: relative to the folder scanned, with forward slashes.
        reason: for a person to read.
    """

    path: str
    reason: str


@dataclass(frozen=True)
class Found:
    """What lies below a folder.

    Attributes:
        images: relative paths of images and videos with forward slashes, sorted.
        problems: folders and links that could not be followed.
        others: how many files were passed over because their name promises no image.
        texts: relative paths of text files, which may be captions; they count as others too.
    """

    images: tuple[str, ...]
    problems: tuple[Problem, ...]
    others: int
    texts: tuple[str, ...] = ()


def find_images(
    root: Path, progress: Progress | None = None, cancelled: CancelAsked | None = None
) -> Found:
    """All files below ``root`` that are named like images or videos.

    Links are followed, real folders first, and no folder is entered twice, so loops end and
    nothing is listed twice. Hidden files and folders, caches and run directories are skipped.

    Raises:
        CatalogueError: if ``root`` itself cannot be listed.
        Cancelled: if called off.
    """
    images: list[str] = []
    texts: list[str] = []
    problems: list[Problem] = []
    others = 0
    entered: set[tuple[int, int]] = set()
    real: list[tuple[Path, str]] = [(root, "")]
    links: list[tuple[Path, str]] = []
    while real or links:
        raise_if_cancelled(cancelled)
        folder, prefix = real.pop() if real else links.pop(0)
        try:
            facts = folder.stat()
            if (facts.st_dev, facts.st_ino) in entered:
                continue
            entered.add((facts.st_dev, facts.st_ino))
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            reason = _reason(error)
            if folder == root:
                raise CatalogueError(f"{root}: {reason}; choose another folder") from None
            problems.append(Problem(prefix.rstrip("/"), reason))
            continue
        names = {entry.name for entry in entries}
        if folder != root and (CACHE_TAG in names or {"recipe.toml", "events.jsonl"} <= names):
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower() in _SKIPPED:
                continue
            path = prefix + entry.name
            if not well_named(entry.name):
                shown = prefix + os.fsencode(entry.name).decode("utf-8", "replace")
                problems.append(Problem(shown, "its name is not valid UTF-8; rename it"))
                continue
            try:
                is_folder = entry.is_dir()
            except OSError as error:  # a link that leads back to itself
                problems.append(Problem(path, _reason(error)))
                continue
            suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 - per file
            if is_folder:
                (links if entry.is_symlink() else real).append((folder / entry.name, path + "/"))
            elif suffix in SUFFIXES or suffix in video.SUFFIXES:
                images.append(path)
            else:
                others += 1
                if suffix == ".txt":
                    texts.append(path)
        if progress is not None:
            progress(len(images), 0)
    return Found(tuple(sorted(images)), tuple(problems), others, tuple(texts))


def splits_and_classes(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """What the folders say: for every path its split ("" if none) and its class ("" if none).

    Folders that all images share are passed over. If the next ones are all named like splits, or
    two different splits are among them, they are splits ("train" alone may well be a class, with
    "bus" and "car" beside it). The folder after that is the class; one single class tells nothing
    and counts as none.
    """
    folders = [PurePosixPath(path).parts[:-1] for path in paths]
    depth = 0
    while all(len(parts) > depth for parts in folders):
        names = {parts[depth] for parts in folders}
        if len(names) != 1 or next(iter(names)).lower() in SPLIT_NAMES:
            break
        depth += 1
    firsts = {parts[depth].lower() for parts in folders if len(parts) > depth}
    known = {SPLIT_NAMES[name] for name in firsts if name in SPLIT_NAMES}
    has_splits = bool(firsts) and (firsts <= SPLIT_NAMES.keys() or len(known) > 1)
    splits = [
        SPLIT_NAMES.get(parts[depth].lower(), "") if has_splits and len(parts) > depth else ""
        for parts in folders
    ]
    depth += has_splits
    classes = [parts[depth] if len(parts) > depth else "" for parts in folders]
    if len(set(classes) - {""}) < 2:
        classes = [""] * len(classes)
    return splits, classes


def left_out(problems: Sequence[Problem]) -> str:
    """What of a folder is left out or changed, in a sentence; there must be something."""
    first = f"{problems[0].path}: {problems[0].reason}"
    more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"Not everything in the folder is used as it is: {first}{more}."


def well_named(name: str) -> bool:
    """Whether a name can be written into recipes, tables and logs (Linux allows any bytes)."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "no permission to open this folder"
    if isinstance(error, FileNotFoundError):
        return "there is no such folder"
    if error.errno == errno.ELOOP:
        return "a link that leads back to itself"
    return f"this folder cannot be opened ({error.strerror or error})"
