"""Snapshots and feature tables as npz files: arrays by name plus one JSON header, no pickles."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sslcore.diagnostics import Diagnostic, pack, unpack
from sslcore.events import Snapshot

_HEADER = "header"
_DAMAGED = (
    ValueError, KeyError, EOFError, RuntimeError, MemoryError, OverflowError, struct.error,
    zlib.error, zipfile.BadZipFile,
)  # fmt: skip
"""What zipfile and numpy raise on files with a few wrong bytes."""
Arrays = Mapping[str, NDArray[Any]]


def to_bytes(arrays: Arrays) -> bytes:
    """An npz file holding the arrays."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, one in arrays.items():
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, np.asanyarray(one), allow_pickle=False)
    return buffer.getvalue()


def from_file(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of an npz file.

    Raises:
        ValueError: naming the file if it is missing or damaged.
    """
    try:
        # Opened here: numpy leaves a file that is no archive open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror or error})") from None
    except _DAMAGED as error:
        raise ValueError(f"{path}: damaged ({error})") from None


def pack_snapshot(snapshot: Snapshot) -> bytes:
    """An npz file holding a whole snapshot."""
    headers: list[dict[str, Any]] = []
    arrays: dict[str, NDArray[Any]] = {}
    for number, (name, diagnostic) in enumerate(snapshot.diagnostics.items()):
        header, parts = pack(diagnostic)
        headers.append({"name": name, "header": header})
        arrays.update({f"{number}/{part}": one for part, one in parts.items()})
    values = {"step": snapshot.step, "epoch": snapshot.epoch, "diagnostics": headers}
    header = np.frombuffer(json.dumps(values, ensure_ascii=False).encode(), np.uint8)
    return to_bytes({_HEADER: header, **arrays})


def unpack_snapshot(path: Path) -> Snapshot:
    """A snapshot from its file.

    Raises:
        ValueError: naming the file if it is missing or damaged.
    """
    arrays = from_file(path)
    try:
        values: dict[str, Any] = json.loads(arrays[_HEADER].tobytes())
        found: dict[str, Diagnostic] = {}
        for number, entry in enumerate(values["diagnostics"]):
            start = f"{number}/"
            parts = {
                name.removeprefix(start): one
                for name, one in arrays.items()
                if name.startswith(start)
            }
            found[entry["name"]] = unpack(entry["header"], parts)
        return Snapshot(values["step"], values["epoch"], found)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: not a snapshot ({error})") from None


class StoredDiagnostics(Mapping[str, Diagnostic]):
    """The diagnostics of a snapshot on disk, read when first looked at; empty if unreadable.

    A viewer must not fall over one damaged picture of an old run; ``problem`` says what is wrong.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: Mapping[str, Diagnostic] | None = None
        self.problem = ""

    def _read(self) -> Mapping[str, Diagnostic]:
        if self._found is None:
            try:
                self._found = unpack_snapshot(self._path).diagnostics
            except ValueError as error:
                self._found, self.problem = {}, str(error)
        return self._found

    def __getitem__(self, name: str) -> Diagnostic:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())
