"""Whether the features serve images they were not trained on: another folder, other classes.

The other folder is split as a run would split it (its own train, val and test folders count). On
the frozen features of its training part nearest neighbours vote and a linear classifier is solved
to convergence; both are asked about its held-out part (Kornblith et al. 2019,
https://arxiv.org/abs/1805.08974). Beside the trained encoder stand the untrained one, raw pixels
and every encoder from outside that was added, so a network published with its weights can be the
yardstick.

What to expect. An encoder trained on few images of one kind can be worse than raw pixels elsewhere.
Images are brought to the size the run was trained at, so a network made for large images sees less
than it could.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sslcore.assessment import elsewhere
from sslcore.assessment.contract import Finding, Plain, assessment, percent
from sslcore.assessment.elsewhere import Elsewhere
from sslcore.assessment.small_classes import remarks
from sslcore.assessment.subject import PIXELS, TRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, ConfigError, knob
from sslcore.engine.preparation import sampled
from sslcore.evaluation import features, knn, linear


class TransferConfig(Config):
    """Settings of the transfer to another folder."""

    folder: str = knob(
        "", help="A folder of labelled images (sub-folders or a CSV file are its classes)."
    )
    labels: str = knob(
        "auto",
        help="Where its classes come from: 'auto' (sub-folders, or a CSV column 'label') "
        "or a CSV column.",
    )
    images: int = knob(
        5000,
        low=20,
        high=1_000_000,
        log=True,
        help="Images of each part, training and held out, at most.",
    )
    held_out: float = knob(
        0.2, low=0.05, high=0.9, help="Part that is held out, where the folder has no split."
    )
    neighbours: int = knob(
        20, low=1, high=10_000, log=True, help="Neighbours that vote.", paper="k"
    )
    seed: int = knob(0, low=0, high=2**31 - 1, help="Of the split.")


class TransferScores(Plain):
    """One encoder on the other folder.

    Attributes:
        knn: accuracy of its nearest neighbours.
        top_1, top_5: of a linear classifier.
    """

    knn: float
    top_1: float
    top_5: float


class TransferFinding(Finding):
    """Every encoder on the other folder.

    Attributes:
        folder: its name.
        classes: how many.
        training, held_out: images with a label.
        chance: accuracy of the most frequent class of the training part.
        neighbours: k.
        scores: by name of the encoder.
        remarks: what should be known of small classes.
    """

    folder: str
    classes: int
    training: int
    held_out: int
    chance: float
    neighbours: int
    scores: dict[str, TransferScores]
    remarks: tuple[str, ...] = ()

    def headline(self) -> str:
        """Linear top-1 of the trained encoder."""
        return f"{percent(self.scores[TRAINED].top_1)} on {self.folder}"

    def lines(self) -> list[str]:
        """A row an encoder."""
        wide = max(16, *(len(name) + 2 for name in self.scores))
        head = f"{f'on {self.folder}':<{wide}}{f'kNN, k = {self.neighbours}':>13}"
        return [
            f"{head}{'linear top 1':>14}{'top 5':>9}",
            *(
                f"{name:<{wide}}{one.knn:>13.1%}{one.top_1:>14.1%}{one.top_5:>9.1%}"
                for name, one in self.scores.items()
            ),
            f"{'most frequent':<{wide}}{self.chance:>13.1%}{self.chance:>14.1%}",
            *self.remarks,
        ]


@assessment(title="Transfer", order=70, config=TransferConfig, finding=TransferFinding)
def measure(subject: Subject, config: TransferConfig, watch: Watch) -> TransferFinding:
    """Accuracy of every encoder on another folder."""
    if not config.folder.strip():
        raise ConfigError("transfer.folder: empty; name a folder of labelled images to measure on")
    with elsewhere.folder(subject, config.folder, watch, labels=config.labels) as opened:
        return _measured(subject, config, watch, opened)


def _measured(
    subject: Subject, config: TransferConfig, watch: Watch, opened: Elsewhere
) -> TransferFinding:
    catalogue = opened.catalogue
    split = catalogue.split(config.seed, config.held_out)
    usable = np.flatnonzero(catalogue.labels >= 0)
    usable = usable[~np.isin(usable, list(opened.broken))]
    bank, queries = (
        sampled(part[np.isin(part, usable)], config.images, "transfer", config.seed)
        for part in (split.train, split.held_out)
    )
    labels = catalogue.labels
    if len(np.unique(labels[bank])) < 2 or not len(queries):
        raise ConfigError(
            f"{catalogue.root}: labelled images of at least two classes to learn from and some "
            f"held out are needed; there are {len(bank)} of "
            f"{len(np.unique(labels[bank]))} classes and {len(queries)} held out. Use sub-folders "
            "as classes or a CSV with a column 'label'"
        )
    rows = np.concatenate([bank, queries])
    size = subject.recipe.data.image_size
    found: dict[str, TransferScores] = {}
    for name in subject.encoders:
        stage = watch.stage(f"Features, {name}")
        if name == PIXELS:
            made = features.pixels(opened.images, rows, size, 256, stage, watch.cancelled)
        else:
            made = features.extract(
                subject.encode(name),
                opened.images,
                rows,
                device=subject.device,
                progress=stage,
                cancelled=watch.cancelled,
                image_size=size,
            )
        learned, asked = made[: len(bank)], made[len(bank) :]
        near = knn.accuracy(learned, labels[bank], asked, labels[queries], config.neighbours)
        probe, _ = linear.chosen(
            learned,
            labels[bank],
            seed=config.seed,
            device=subject.device,
            progress=watch.stage(f"Linear, {name}"),
            cancelled=watch.cancelled,
        )
        scores = linear.measure(probe, asked, labels[queries])
        found[name] = TransferScores(knn=near, top_1=scores.top_1, top_5=scores.top_5)
    most = np.bincount(labels[bank]).argmax()
    return TransferFinding(
        folder=Path(catalogue.root).name,
        classes=len(np.unique(labels[bank])),
        training=len(bank),
        held_out=len(queries),
        chance=float((labels[queries] == most).mean()),
        neighbours=config.neighbours,
        scores=found,
        remarks=remarks(labels[bank], labels[queries], catalogue.classes),
    )
