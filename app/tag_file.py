"""What the file of tags says about the open images, read on a worker."""

from __future__ import annotations

import importlib
import time
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.tagged import Tagged
from app.wording import sentence
from sslcore.data.tags import EXCLUDED, TagStore

if TYPE_CHECKING:
    from sslcore.data.catalogue import Catalogue

STALE = 30 * 86_400
"""Seconds after which a list of excluded images that nobody used is removed."""


@dataclass(frozen=True)
class Read:
    """What was found.

    Attributes:
        places: row of every path of the catalogue, as the store writes paths.
        tagged: tags by row.
        listed: file with the list of excluded images; "" if there are none.
        problem: why that list could not be written, or "".
    """

    places: Mapping[str, int]
    tagged: Tagged
    listed: str
    problem: str


def read(
    store: TagStore, catalogue: Catalogue, places: Mapping[str, int] | None, lists: Path
) -> Read:
    """Read everything in the file.

    Args:
        store: the file.
        catalogue: the open images.
        places: from an earlier reading for the same catalogue, or None.
        lists: folder for the list of excluded images.

    Raises:
        TagError: if the file cannot be read.
    """
    if places is None:
        normal = partial(unicodedata.normalize, "NFC")  # as the store keeps paths
        places = {normal(path): row for row, path in enumerate(catalogue.paths)}
    contents = store.contents()
    tagged = Tagged.of({tag.name: paths for tag, paths in contents.items()}, places, contents)
    rows = tagged.of_tag(EXCLUDED).tolist()
    try:
        listed = _list([catalogue.paths[row] for row in rows], lists) if rows else ""
    except OSError as error:
        return Read(places, tagged, "", f"Excluded images cannot be listed: {sentence(error)}")
    return Read(places, tagged, listed, "")


def _list(paths: list[str], folder: Path) -> str:
    """Write the list of excluded images; one that is there is marked as used."""
    exclusion: Any = importlib.import_module("sslcore.data.exclusion")
    name, content = exclusion.named(paths)
    file = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("excluded-*.txt"):
        with suppress(OSError):  # another window may remove it at this moment
            if old.name != name and time.time() - old.stat().st_mtime > STALE:
                old.unlink()
    if file.is_file() and file.read_bytes() == content:
        file.touch()
        return str(file)
    part = file.with_suffix(".partial")
    part.write_bytes(content)
    part.replace(file)
    return str(file)
