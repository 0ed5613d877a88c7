"""A short run made from events alone, on the disk, for panels to show."""

import numpy as np

from sslcore.diagnostics import Curve, DiagnosticSpec, heatmap
from sslcore.events import (
    CheckpointSaved,
    EmbeddingSaved,
    Evaluated,
    RunStarted,
    RunStopped,
    Snapshot,
    StepDone,
    packed,
)
from sslcore.runs.directory import RunDirectory

SPECS = (
    DiagnosticSpec("spectrum", "curve", "Directions in use", "Flat is good."),
    DiagnosticSpec("cross_correlation", "heatmap", "Cross-correlation", "Identity is good."),
)
STEPS, PER_EPOCH, TOTAL = 40, 10, 100
SIZE = 6


def started(first_step=0, classes=("cat", "dog")):
    return RunStarted(
        method="barlow_twins", title="Barlow Twins", total_steps=TOTAL, steps_per_epoch=PER_EPOCH,
        epochs=10, first_step=first_step, images=20, held_out=4, classes=classes, device="cpu",
        precision="float32", diagnostics=SPECS, constants={}, environment={}, time=0.0,
    )  # fmt: skip


def step(number):
    parts = {"invariance": 60.0 / number, "redundancy": 40.0 / number}
    terms = {**parts, "bound": 0.1 * number, "accuracy": number / TOTAL}
    return StepDone(number, number / PER_EPOCH, sum(parts.values()), terms, 0.1, 500.0, 0)


def snapshot(number):
    matrix = np.full((8, 8), number / 100.0)
    np.fill_diagonal(matrix, 1.0)
    line = np.linspace(1.0, 0.1, 8, dtype=np.float32) * number
    curve = Curve(np.arange(8, dtype=np.float32), {"value": line}, "rank", "value", False, {})
    pictures = {"cross_correlation": heatmap(matrix), "spectrum": curve}
    return Snapshot(number, number / PER_EPOCH, pictures)


def metrics(number, labels=True):
    found = {"feature_std": 0.3, "rank_me": 3.0, "alignment": 0.2, "uniformity": -2.0}
    found["projection_spread"] = 0.9
    found["view_retrieval"] = 0.2 + number / 100
    return {**found, "knn_20": 0.5 + number / 200} if labels else found


def features(number, count, labels=None):
    """(count, SIZE) clusters by class that turn from evaluation to evaluation."""
    generator = np.random.default_rng(0)
    kind = np.arange(count) % 2 if labels is None else labels
    base = generator.normal(size=(count, SIZE)) + 6.0 * np.eye(SIZE)[kind]
    base[:, 2] *= 3
    angle = number / 30
    turn = np.eye(SIZE)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return (base @ turn).astype(np.float32)


def events(directory, labels=True, rows=None, kinds=None, classes=("cat", "dog"), paths=()):
    """The events of the run in order; embeddings are written as they come, with paths if given."""
    index = np.arange(24) if rows is None else np.asarray(rows)

    def embedded(number):
        made = features(number, len(index), kinds)
        arrays = {"index": index, "features": made}
        if paths:
            arrays["paths"] = packed(paths)
        path = directory.save_array(f"embeddings/step_{number:08d}", arrays)
        return EmbeddingSaved(number, number / PER_EPOCH, path, *made.shape)

    yield started(classes=classes if labels else ())
    yield embedded(0)
    yield Evaluated(0, 0.0, metrics(0, labels), reference=True)
    for number in range(1, STEPS + 1):
        yield step(number)
        if number % 10 == 0:
            yield snapshot(number)
        if number % 20 == 0:
            yield embedded(number)
            yield Evaluated(number, number / PER_EPOCH, metrics(number, labels))
    yield CheckpointSaved(STEPS, STEPS / PER_EPOCH, f"checkpoints/step_{STEPS:08d}")
    yield RunStopped(STEPS, "stopped", "", 1.0)


def write(path, recipe, **options):
    """A run directory with these events in its log."""
    directory = RunDirectory.create(path, recipe)
    for event in events(directory, **options):
        directory.append(event)
    directory.close()
    return path
