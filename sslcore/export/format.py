"""The contract of a format: an encoder in, files out, and proof that they compute the same.

A format is a file in ``sslcore.export.formats``. Its key is the file's stem, its help the module's
docstring. The command line's ``--format`` and the window's list follow from it.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sslcore.assessment.watch import Watch
from sslcore.export import card, writing
from sslcore.export.source import Source
from sslcore.export.writing import ExportError

Files = Mapping[str, bytes]
"""Name of a file, folders with "/", -> its contents."""

TOLERANCE = 1e-4
"""Largest difference of a feature against the encoder that an export may show."""

BATCH = 5
"""Images that outputs are compared on; no format is made with a batch of this size."""


@dataclass(frozen=True)
class Format:
    """One way to take an encoder (or what is known of a run) away.

    Attributes:
        title: "ONNX".
        main: name of the file that is loaded; "" where a folder is read as a whole.
        make: the files, without the model card.
        order: place in lists.
        unfit: why this encoder cannot be taken away like that and what to take instead, or "".
        usage: lines of Python that load it, for the model card; they start in the folder of the
            export, with ``images`` (B, C, H, W) in [0, 1], and leave ``features`` (B, D).
        outputs: features of images by what was written to a folder; None where there are none.
        alone: whether the main file is of use without the others.
        extra: optional part of the installation that it needs.
        packages: modules of that part.
    """

    title: str
    main: str
    make: Callable[[Source, Watch], Files]
    order: int
    unfit: Callable[[Source], str] = lambda _: ""
    usage: Callable[[Source], str] | None = None
    outputs: Callable[[Path, Source, Tensor], Tensor] | None = None
    alone: bool = False
    extra: str = ""
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: the file or folder.
        files: names of the files in it.
        size: bytes of them all.
        difference: see :func:`compared`; None if nothing computes.
    """

    path: Path
    files: tuple[str, ...]
    size: int
    difference: float | None


def keys() -> tuple[str, ...]:
    """Keys of all formats; imports none of them."""
    package = importlib.import_module("sslcore.export.formats")
    return tuple(sorted(one.name for one in pkgutil.iter_modules(package.__path__)))


@cache
def registry() -> Mapping[str, Format]:
    """All formats by key, in the order of lists."""
    found = {key: _module(key).FORMAT for key in keys()}
    return dict(sorted(found.items(), key=lambda one: (one[1].order, one[0])))


def page(key: str) -> str:
    """The help of a format: the docstring of its module."""
    return inspect.getdoc(_module(key)) or ""


def find(key: str) -> Format:
    """The format of a key.

    Raises:
        ExportError: naming those there are.
    """
    if key not in keys():
        raise ExportError(f"{key!r}: no such format; there are: {', '.join(registry())}")
    return registry()[key]


def unfit(source: Source, key: str) -> str:
    """Why a format does not suit an encoder, with what to take or to install instead; or ""."""
    one = find(key)
    missing = [name for name in one.packages if importlib.util.find_spec(name) is None]
    if missing:
        return (
            f"{one.title} needs {' and '.join(missing)}; run: "
            f'pip install "ssl-workbench[{one.extra}]"'
        )
    return one.unfit(source)


def export(source: Source, key: str, out: Path, watch: Watch | None = None) -> Exported:
    """Write a run in one format, whole or not at all, and compare what it computes.

    Args:
        source: the run.
        key: of the format.
        out: a folder that is not there yet; or a file of the format's suffix, where the format is
            of use as a single file.
        watch: told of the stages.

    Raises:
        ExportError: if the format does not suit, ``out`` is there already or cannot be written, or
            the outputs differ.
        Cancelled: if it was called off; nothing is left behind.
    """
    watch = watch or Watch()
    one = find(key)
    if reason := unfit(source, key):
        raise ExportError(reason)
    single = writing.names_a_file(out, one.main)
    if single and not one.alone:
        raise ExportError(
            f"{out}: {one.title} is several files; name a folder that is not there yet"
        )
    writing.refuse_what_is_there(out)
    watch.stage(f"Making {one.title}")(0, 0)
    files = dict(one.make(source, watch))
    watch.check()
    with writing.beside(out) as part:
        writing.fill(part, files)
        difference = None
        if one.outputs is not None:
            watch.stage("Comparing outputs")(0, 0)
            difference = compared(source, one, part)
        text = card.written(source, one.title, one.main, _usage(one, source), difference)
        writing.fill(part, {card.NAME: text.encode()})
        for scrap in part.rglob("__pycache__"):  # of comparing a module
            shutil.rmtree(scrap)
        watch.check()
        writing.settle(part / one.main if single else part, out)
    names = (one.main,) if single else (*files, card.NAME)
    paths = [out] if single else [out / name for name in names]
    return Exported(out, names, sum(path.stat().st_size for path in paths), difference)


def compared(source: Source, one: Format, folder: Path) -> float:
    """Largest difference of any feature between an export and the encoder.

    It is relative to the largest feature where that is above 1, and absolute else.

    Raises:
        ExportError: if it is more than :data:`TOLERANCE`.
    """
    assert one.outputs is not None
    images = source.images(BATCH)
    with torch.no_grad():
        expected = source.encoder(images)
        found = one.outputs(folder, source, images)
    if found.shape != expected.shape:
        raise ExportError(
            f"{one.title}: gives {tuple(found.shape)} where the encoder gives "
            f"{tuple(expected.shape)}; nothing was written"
        )
    scale = max(1.0, float(expected.abs().max()))
    difference = float((found - expected).abs().max()) / scale
    if not difference <= TOLERANCE:
        raise ExportError(
            f"{one.title}: features differ by {difference:.2g} from the encoder's; nothing was "
            "written. Take another format, such as safetensors"
        )
    return difference


def _usage(one: Format, source: Source) -> str:
    return "" if one.usage is None else one.usage(source)


def _module(key: str) -> Any:
    return importlib.import_module(f"sslcore.export.formats.{key}")
