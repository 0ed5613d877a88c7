"""What else the features tell of an image: light, focus, lens and file, which it should not need.

A straight line through feature space reads each nuisance of images that were held out: ridge
regression and R2 for numbers (1 is perfect, 0 is no better than a constant), a softmax and accuracy
for categories, with the penalty chosen on a part of the training split. Beside the trained encoder
stand the untrained one and raw pixels. The columns of a table beside the images are read as well,
the demo set's factors among them, and the classes for comparison.

Then the pretext task itself is tried with cheap cues on the very views the run trains on: colour
histograms for methods that compare two views, what runs on across the borders of patches and the
coloured fringes of lenses for methods that put patches in place, a tiny thumbnail for rotations,
values and sharpness for changes of a picture, colours for captions. A cue that does much better
than guessing is a shortcut, and a warning says what closes it.

What to expect. Every encoder reads some light and colour; that is no harm by itself. Look for what
training made easier to read and has no place in the classes, and for a cue that solves the task.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from sslcore.assessment import pretext
from sslcore.assessment.contract import Finding, Plain, assessment
from sslcore.assessment.subject import PIXELS, TRAINED, UNTRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob
from sslcore.engine.preparation import sampled
from sslcore.evaluation import features, nuisance_files, nuisances, readout, shortcuts
from sslcore.evaluation.nuisances import Nuisance


class ShortcutsConfig(Config):
    """Settings of the shortcut probes."""

    images: int = knob(
        2000,
        low=40,
        high=100_000,
        log=True,
        help="Images of the training split to learn from, and of the held-out split to ask, at "
        "most.",
    )
    cue_images: int = knob(
        400,
        low=40,
        high=10_000,
        log=True,
        title="Images for cues",
        help="Held-out images whose views the pretext task is tried on.",
    )
    seed: int = knob(0, low=0, high=2**31 - 1, help="Of the images, the splits and the views.")


class Read(Plain):
    """One nuisance.

    Attributes:
        key, title, unit: of it.
        source: "pixels", "file", "column", or "class" for what one wants to be read.
        measure: what the scores are.
        scores: name of the encoder -> R2 or accuracy on held-out images.
        baseline: what the mean, or the most frequent category, reaches.
        images: that were asked.
    """

    key: str
    title: str
    unit: str
    source: str
    measure: Literal["R2", "accuracy"]
    scores: dict[str, float]
    baseline: float
    images: int


class CueScore(Plain):
    """One cue for the pretext task.

    Attributes:
        title: "the colour histogram".
        score, chance: part of the cases, 0 to 1.
        level: how far a shortcut is open.
        text: what it means, with a remedy.
    """

    title: str
    score: float
    chance: float
    level: Literal["open", "partly", "closed"]
    text: str


class ShortcutsFinding(Finding):
    """Read-outs and cues.

    Attributes:
        method: title of the run's method.
        task: what the pretext task is about.
        read: nuisances.
        cues: for the pretext task, the widest shortcut first.
        gained, lost: titles of what training made easier, and harder, to read.
        skipped: title -> why it was not asked for.
    """

    method: str
    task: str
    read: tuple[Read, ...]
    cues: tuple[CueScore, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    skipped: dict[str, str]

    @property
    def encoders(self) -> tuple[str, ...]:
        """Names, the trained one first."""
        return tuple(self.read[0].scores) if self.read else ()

    @property
    def without_cue(self) -> str:
        """What to say where the pretext task was tried with no cue, else ""."""
        if self.cues:
            return ""
        return (
            f"For the pretext task of {self.method} no cheap cue is known; what the features "
            "tell besides classes stands below."
        )

    def headline(self) -> str:
        """How many shortcuts are open."""
        opened = sum(one.level == "open" for one in self.cues)
        partly = sum(one.level == "partly" for one in self.cues)
        if opened or partly:
            count = opened + partly
            return f"{count} {'shortcut' if count == 1 else 'shortcuts'}" + (
                "" if opened else ", partly open"
            )
        return "no shortcut found" if self.cues else f"{len(self.read)} nuisances"

    def lines(self) -> list[str]:
        """Warnings, then a row a nuisance."""
        names = self.encoders
        rows = [one.text for one in self.cues] or [self.without_cue]
        head = f"{'nuisance':<34}{'':>10}" + "".join(f"{name[:15]:>16}" for name in names)
        rows += ["", f"{head}{'baseline':>10}"]
        for one in self.read:
            scores = "".join(f"{one.scores[name]:>16.2f}" for name in names)
            rows.append(f"{one.title[:33]:<34}{one.measure:>10}{scores}{one.baseline:>10.2f}")
        return [*rows, *(f"{title}: not asked for, {why}" for title, why in self.skipped.items())]


@assessment(title="Shortcuts", order=60, config=ShortcutsConfig, finding=ShortcutsFinding)
def measure(subject: Subject, config: ShortcutsConfig, watch: Watch) -> ShortcutsFinding:
    """Read every nuisance from every encoder, and try the pretext task with cues."""
    subject.require_queries()
    catalogue, store = subject.material.catalogue, subject.material.pixels
    size = subject.recipe.data.image_size
    places = [
        sampled(np.arange(len(part)), config.images, "shortcuts", config.seed)
        for part in (subject.bank, subject.queries)
    ]
    rows = np.concatenate([subject.bank[places[0]], subject.queries[places[1]]])
    light = nuisances.of_pixels(
        store,
        rows,
        image_size=size,
        progress=watch.stage("Nuisances of the pixels"),
        cancelled=watch.cancelled,
    )
    files = nuisance_files.of_files(
        catalogue, rows, watch.stage("Nuisances of the files"), watch.cancelled
    )
    columns = nuisance_files.of_columns(catalogue, rows)
    every = (*columns.found, *light.found, *files.found)
    skipped = {**columns.skipped, **light.skipped, **files.skipped}
    found: dict[str, readout.Readings] = {}
    for name in subject.encoders:
        if name == PIXELS:
            flat = features.pixels(store, rows, size, cancelled=watch.cancelled)
            bank, queries = flat[: len(places[0])], flat[len(places[0]) :]
        else:
            parts = subject.features(name)
            bank, queries = parts.bank[places[0]], parts.queries[places[1]]
        found[name] = readout.read(
            bank,
            queries,
            every,
            seed=config.seed,
            device=subject.device,
            progress=watch.stage(f"Reading nuisances, {name}"),
            cancelled=watch.cancelled,
        )
    asked = pretext.of(subject)
    watch.check()
    some = sampled(subject.queries, config.cue_images, "cues", config.seed)
    try:
        tried = pretext.tried(subject, some, asked.task, config.seed)
    except ValueError as error:
        tried = []
        skipped["Cues for the pretext task"] = str(error)
    said = shortcuts.warnings(asked, tried)
    ordered = sorted(tried, key=lambda one: -one.solved)
    trained = found[TRAINED].found
    before = found[UNTRAINED].found if UNTRAINED in found else {}
    gained, lost = shortcuts.taken(every, trained, before)
    return ShortcutsFinding(
        method=asked.method,
        task=asked.task,
        read=tuple(
            _read(one, {name: each.found[one.key] for name, each in found.items()})
            for one in every
            if one.key in trained
        ),
        cues=tuple(
            CueScore(
                title=cue.title,
                score=cue.score,
                chance=cue.chance,
                level=warned.level,
                text=warned.text,
            )
            for cue, warned in zip(ordered, said, strict=True)
        ),
        gained=gained,
        lost=lost,
        skipped={**skipped, **found[TRAINED].skipped},
    )


def _read(one: Nuisance, readings: dict[str, readout.Reading]) -> Read:
    first = readings[TRAINED]
    return Read(
        key=one.key,
        title=one.title,
        unit=one.unit,
        source=one.source,
        measure="accuracy" if one.names else "R2",
        scores={name: each.score for name, each in readings.items()},
        baseline=first.baseline,
        images=first.images,
    )
