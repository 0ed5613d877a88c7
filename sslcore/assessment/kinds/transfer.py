"""Whether the features serve images they were not trained on: another folder, other classes.

The other folder is split as a run would split it (its own train, val and test folders count). On
the frozen features of its training part nearest neighbours vote and a linear classifier is solved
to convergence; both are asked about its held-out part (Kornblith et al. 2019,
https://arxiv.org/abs/1805.08974). The linear classifier is also solved with few of the labels, an
MLP where it is asked for; k-means clusters of the held-out features are held against the classes,
and the effective rank says whether features are spread out there. Beside the trained encoder stand
the untrained one, raw pixels and every encoder from outside that was added, so a network published
with its weights can be the yardstick.

What to expect. An encoder trained on few images of one kind can be worse than raw pixels elsewhere.
Images are brought to the size the run was trained at, so a network made for large images sees less
than it could.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydantic import Field

from sslcore.assessment import elsewhere
from sslcore.assessment.answers import Answers
from sslcore.assessment.contract import Finding, Plain, assessment, percent
from sslcore.assessment.elsewhere import Elsewhere
from sslcore.assessment.small_classes import remarks
from sslcore.assessment.subject import PIXELS, TRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, ConfigError, knob
from sslcore.engine.preparation import sampled
from sslcore.evaluation import features
from sslcore.evaluation.budgets import Budget, parse


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
    budgets: str = knob(
        "1 %, 10 %",
        help="Labels that a linear classifier is solved with as well: parts ('1 %') or numbers "
        "('10 per class'), with commas; empty for none.",
    )
    draws: int = knob(3, low=1, high=100, help="Of few labels; their mean is told.")
    mlp: bool = knob(
        False, title="MLP", help="Train an MLP on the features as well, which takes minutes."
    )
    clusters: bool = knob(True, help="Hold k-means clusters against the classes.")
    seed: int = knob(0, low=0, high=2**31 - 1, help="Of the split.")


class TransferScores(Plain):
    """One encoder on the other folder.

    Attributes:
        knn: accuracy of its nearest neighbours.
        top_1, top_5: of a linear classifier.
        few: budget -> (mean, standard deviation over draws) of a linear classifier with so many
            labels; the deviation is 0 for one draw.
        mlp: of an MLP, None if it was not asked for.
        nmi, ari: k-means clusters against classes; None if not asked for, or with one class.
        effective_rank: of the held-out features; None where they are all equal.
    """

    knn: float
    top_1: float
    top_5: float
    few: dict[str, tuple[float, float]] = Field(default_factory=dict[str, tuple[float, float]])
    mlp: float | None = None
    nmi: float | None = None
    ari: float | None = None
    effective_rank: float | None = None


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
            *self._more(wide),
            *self.remarks,
        ]

    def _more(self, wide: int) -> list[str]:
        """A second table: few labels, MLP, clusters, rank."""
        columns: dict[str, list[str]] = {}
        for one in self.scores.values():
            row = {f"linear {name}": f"{mean:.1%}" for name, (mean, _) in one.few.items()}
            row |= {"MLP": "" if one.mlp is None else f"{one.mlp:.1%}"}
            row |= {"NMI": "" if one.nmi is None else f"{one.nmi:.2f}"}
            row |= {"ARI": "" if one.ari is None else f"{one.ari:.2f}"}
            row |= {"rank": "" if one.effective_rank is None else f"{one.effective_rank:.1f}"}
            for name, words in row.items():
                columns.setdefault(name, []).append(words)
        shown = {name: words for name, words in columns.items() if any(words)}
        if not shown:
            return []
        lines = [f"{name:<{wide}}" for name in ("", *self.scores)]
        for name, words in shown.items():
            lines = [
                f"{line}{word:>{max(len(name) + 4, 9)}}"
                for line, word in zip(lines, (name, *words), strict=True)
            ]
        return ["", *(line.rstrip() for line in lines)]


@assessment(
    title="Transfer",
    order=70,
    config=TransferConfig,
    finding=TransferFinding,
    needs_folder=True,
)
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
    wanted = budgets_of(config)
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
        found[name] = _scores(
            config,
            wanted,
            Answers(
                name,
                made[: len(bank)],
                labels[bank],
                made[len(bank) :],
                labels[queries],
                config.seed,
                subject.device,
                watch,
            ),
        )
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


def budgets_of(config: TransferConfig) -> tuple[Budget, ...]:
    """The budgets of few labels (ConfigError naming what cannot be had)."""
    if not config.budgets.strip():
        return ()
    try:
        found = parse(config.budgets)
    except ValueError as error:
        raise ConfigError(f"transfer.budgets: {error}") from None
    if any(one.tagged for one in found):
        raise ConfigError("transfer.budgets: the images of another folder have no tags here")
    return found


def _scores(config: TransferConfig, wanted: tuple[Budget, ...], answers: Answers) -> TransferScores:
    near, scores = answers.neighbours(config.neighbours), answers.linear()
    clusters = answers.clusters() if config.clusters else None
    return TransferScores(
        knn=near,
        top_1=scores.top_1,
        top_5=scores.top_5,
        few=answers.few(wanted, config.draws),
        mlp=answers.mlp() if config.mlp else None,
        nmi=None if clusters is None else clusters[0],
        ari=None if clusters is None else clusters[1],
        effective_rank=answers.effective_rank(),
    )
