"""What a person wrote about a run: tags and a note, in ``notes.json`` in its directory."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sslcore.runs import atomic

NAME = "notes.json"
LONGEST = 40
"""Letters of a tag."""


@dataclass(frozen=True)
class Notes:
    """Of one run.

    Attributes:
        tags: each once, sorted.
        note: free text.
    """

    tags: tuple[str, ...] = ()
    note: str = ""


def tags_of(words: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are kept: trimmed, cut to a length, each once, sorted."""
    found = {" ".join(word.split())[:LONGEST] for word in words}
    return tuple(sorted(found - {""}, key=str.casefold))


def read(run: Path) -> Notes:
    """The notes of a run directory; none if nothing was written.

    Raises:
        ValueError: naming the file if it is damaged.
    """
    path = run / NAME
    try:
        values: Any = json.loads(path.read_text("utf-8"))
        return Notes(tags_of(str(one) for one in values["tags"]), str(values["note"]))
    except FileNotFoundError:
        return Notes()
    except (OSError, ValueError, KeyError, TypeError):
        raise ValueError(f"{path}: damaged; delete it to write new notes") from None


def write(run: Path, notes: Notes) -> None:
    """Keep the notes; a file without any is removed.

    Raises:
        SaveError: naming the file, the reason and what to do.
    """
    path = run / NAME
    if notes == Notes():
        with atomic.explained(path):
            path.unlink(missing_ok=True)
        return
    content = {"tags": list(notes.tags), "note": notes.note}
    atomic.write(path, json.dumps(content, ensure_ascii=False, indent=1).encode())
