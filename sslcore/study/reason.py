"""Why a trial could not be measured (or begun), kept beside it until it is tried again.

So is why a study could not be closed: in the folder of the study.
"""

from __future__ import annotations

import json
from pathlib import Path

from sslcore.runs import atomic

FILE = "unmeasured.json"
"""In the run directory of a trial, or in the folder of a study."""


def keep(path: Path, words: str) -> None:
    """Keep a reason.

    Args:
        path: the run directory of the trial, made if it is not there; or the folder of the study.
        words: a sentence.

    Raises:
        SaveError: if it cannot be written.
    """
    atomic.write(path / FILE, json.dumps({"error": words}, ensure_ascii=False).encode())


def kept(path: Path) -> str:
    """The reason kept in the run directory of a trial or in the folder of a study, or "".

    A file that cannot be read says nothing: the measurement is tried again.
    """
    try:
        found = json.loads((path / FILE).read_text("utf-8"))
        return str(found["error"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def forget(path: Path) -> None:
    """Forget the reason: the measurement is tried again.

    Raises:
        SaveError: if the file cannot be removed.
    """
    with atomic.explained(path / FILE):
        (path / FILE).unlink(missing_ok=True)
