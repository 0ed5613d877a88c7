"""A log directory for TensorBoard: curves, matrices, images, embedding projector.

The projector shows the features of the last evaluation with their images, if the folder is still
there. Look at it with: tensorboard --logdir PATH.
"""

from __future__ import annotations

import importlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sslcore.assessment.watch import Watch
from sslcore.export import pictures, projector
from sslcore.export.format import Files, Format
from sslcore.export.source import Source
from sslcore.runs.directory import RunError
from sslcore.runs.record import RunRecord
from sslcore.runs.series import Series

TAGS = {
    "loss": "loss/total",
    "learning_rate": "training/learning rate",
    "images_per_second": "training/images per second",
}


def scalars(record: RunRecord) -> Iterator[tuple[str, Series]]:
    """Tags and curves: the loss, its terms, what evaluations measured."""
    for name, series in record.series.items():
        yield TAGS.get(name, name.replace("term/", "loss/")), series
    for name, series in record.metrics.items():
        yield f"measured/{name}", series


def times(record: RunRecord) -> Series | None:
    """Seconds since 1970 of every step, from the start and the speed that was logged."""
    speed = record.series.get("images_per_second")
    if record.started is None or speed is None:
        return None
    images = record.started.images / max(record.started.steps_per_epoch, 1)
    made, now = Series(), record.started.time
    for step, epoch, value in zip(speed.steps, speed.epochs, speed.values, strict=True):
        now += images / value if np.isfinite(value) and value > 0 else 0.0
        made.append(int(step), float(epoch), now)
    return made


def _make(source: Source, watch: Watch) -> Files:
    module: Any = importlib.import_module("torch.utils.tensorboard")
    record = source.record
    with tempfile.TemporaryDirectory(prefix="ssl-workbench-") as name:
        folder = Path(name)
        writer: Any = module.SummaryWriter(folder)
        try:
            _write_scalars(writer, record, watch)
            _write_pictures(writer, source, watch)
            writer.add_text("recipe", f"```toml\n{source.recipe.to_toml()}\n```", source.step)
        finally:
            writer.close()
        made = {one.name: one.read_bytes() for one in sorted(folder.iterdir())}
    watch.stage("Embedding projector")(0, 0)
    return {**made, **projector.files(source.probe(watch))}


def _write_scalars(writer: Any, record: RunRecord, watch: Watch) -> None:
    clock = times(record)
    known = None if clock is None else (clock.steps, clock.values)
    now = time.time()
    progress = watch.stage("Curves")
    curves = list(scalars(record))
    for number, (tag, series) in enumerate(curves):
        watch.check()
        progress(number, len(curves))
        when = np.full(len(series), now) if known is None else np.interp(series.steps, *known)
        for step, value, wall in zip(series.steps, series.values, when, strict=True):
            writer.add_scalar(tag, float(value), int(step), walltime=float(wall))
    for name, value in record.reference.items():
        writer.add_scalar(f"measured/{name} (untrained)", value, 0)


def _write_pictures(writer: Any, source: Source, watch: Watch) -> None:
    started = source.record.started
    titles = {} if started is None else {one.name: one.title for one in started.diagnostics}
    progress = watch.stage("Pictures")
    steps = [step for step, _ in source.record.snapshots]
    for number, step in enumerate(steps):
        watch.check()
        progress(number, len(steps))
        try:
            found = source.directory.snapshot(step).diagnostics
        except RunError:  # one damaged picture must not cost the others
            continue
        for name, diagnostic in found.items():
            pixels = pictures.picture(diagnostic)
            if pixels is not None:
                writer.add_image(titles.get(name, name), pixels, step, dataformats="HWC")


FORMAT = Format(
    "TensorBoard log",
    main="",
    make=_make,
    order=80,
    extra="tensorboard",
    packages=("tensorboard",),
)
