"""``sslcore embed``: features of a folder as npz, CSV or Parquet."""

from __future__ import annotations

import argparse
import csv
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from torch import Tensor

from sslcore.assessment.trained import open_trained
from sslcore.commands.console import InputError, Meter, note, open_run, say, shown, writable
from sslcore.data.catalogue import Catalogue, scan
from sslcore.data.folder import left_out
from sslcore.data.pixel_store import PixelStore
from sslcore.engine.control import Control
from sslcore.engine.preparation import narrated
from sslcore.evaluation.features import extract, fit_channels
from sslcore.sections import DataSection

Features = NDArray[np.float32]


def run(arguments: argparse.Namespace) -> int:
    """Embed the run's own folder or another one, all images of it."""
    target = Path(arguments.out)
    if target.suffix.lower() not in WRITERS:
        raise InputError(f"--out {target}: use one of {', '.join(WRITERS)}")
    trained = open_trained(open_run(arguments.run), arguments.checkpoint)
    section, control = trained.recipe.data, Control()
    folder = Path(arguments.folder or section.folder)
    own = DataSection(channels=section.channels) if arguments.folder else section
    catalogue = shown(
        narrated(
            "Reading the folder",
            control,
            lambda done, asked: scan(folder, own.reading, done, asked),
        )
    )
    if catalogue.problems:
        note(f"Warning: {left_out(catalogue.problems)}")
    budget = int(section.cache_gigabytes * 2**30)
    pixels = shown(
        narrated(
            "Decoding images",
            control,
            lambda done, asked: PixelStore.open(
                catalogue,
                section.image_size,
                budget_bytes=budget,
                progress=done,
                cancelled=asked,
            ),
        )
    )
    channels = trained.method.encoder().channels

    def encode(images: Tensor) -> Tensor:
        return trained.method.embed(fit_channels(images, channels), arguments.layer)

    meter = Meter("Embedding")
    try:
        found = extract(
            encode,
            pixels,
            np.arange(len(catalogue)),
            device=trained.device,
            progress=meter,
            image_size=section.image_size,
        )
    finally:
        meter.close()
        pixels.close()
    _write(writable(target), catalogue, found)
    say(f"{len(found)} images, {found.shape[1]} numbers each: {target}")
    return 0


def _write(target: Path, catalogue: Catalogue, found: Features) -> None:
    """All of the file or nothing: features written before are not lost to a full disk."""
    partial = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        WRITERS[target.suffix.lower()](partial, catalogue, found)
        partial.replace(target)
    except OSError as error:
        raise InputError(f"--out {target}: cannot be written ({error.strerror})") from None
    finally:
        with suppress(OSError):
            partial.unlink()


def _label_names(catalogue: Catalogue) -> list[str]:
    return ["" if one < 0 else catalogue.classes[one] for one in catalogue.labels.tolist()]


def _write_npz(target: Path, catalogue: Catalogue, found: Features) -> None:
    with target.open("wb") as file:  # given a path, it would put .npz behind it
        np.savez(
            file,
            features=found,
            paths=np.array(catalogue.paths, dtype=np.str_),
            labels=catalogue.labels,
            classes=np.array(catalogue.classes, dtype=np.str_),
        )


def _write_csv(target: Path, catalogue: Catalogue, found: Features) -> None:
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label", *_columns(found)])
        names = _label_names(catalogue)
        for path, label, row in zip(catalogue.paths, names, found.tolist(), strict=True):
            writer.writerow([path, label, *row])


def _write_parquet(target: Path, catalogue: Catalogue, found: Features) -> None:
    columns = {name: found[:, number] for number, name in enumerate(_columns(found))}
    table = pa.table({"path": catalogue.paths, "label": _label_names(catalogue), **columns})
    pq.write_table(table, target)


def _columns(found: Features) -> list[str]:
    return [f"feature_{number}" for number in range(found.shape[1])]


WRITERS: dict[str, Callable[[Path, Catalogue, Features], None]] = {
    ".npz": _write_npz,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
