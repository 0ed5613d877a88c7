"""What trials are judged by, and on which folders that can be measured at all.

The effective rank needs no labels: RankMe (Garrido et al. 2023, https://arxiv.org/abs/2210.02885)
follows the accuracy of a linear classifier where only settings of one network differ. How often an
image's other view is found again needs none either, but is no measure of a study: views are drawn
by each trial's own plan, so that the plan that changes least would win.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sslcore.assessment.kinds.collapse import CollapseFinding
from sslcore.assessment.kinds.knn import KnnFinding
from sslcore.assessment.kinds.linear import LinearFinding
from sslcore.assessment.subject import TRAINED, UNTRAINED
from sslcore.config import ConfigError
from sslcore.data.contents import Catalogue
from sslcore.recipe import Recipe
from sslcore.sections import DataSection
from sslcore.study.plan import Measurement, Trial


@dataclass(frozen=True)
class Judge:
    """One way to judge trials.

    Attributes:
        assessment: key of the measurement that is made.
        words: what it is called in a sentence.
        needs_classes: whether it means nothing without two classes.
        passes: how often it embeds all images.
        scores: finding -> score by the name of an encoder, 0 to 1.
    """

    assessment: str
    words: str
    needs_classes: bool
    passes: int
    scores: Callable[[Any], Mapping[str, float]]


def _knn(finding: KnnFinding) -> dict[str, float]:
    return {name: every[0] for name, every in finding.accuracy.items() if every}


def _linear(finding: LinearFinding) -> dict[str, float]:
    return {name: one.top_1 for name, one in finding.scores.items()}


def _rank(finding: CollapseFinding) -> dict[str, float]:
    return {
        name: one.figures.rank_me / one.figures.dimensions for name, one in finding.spaces.items()
    }


JUDGES: Mapping[Measurement, Judge] = {
    "linear": Judge("linear", "linear evaluation", True, 2, _linear),
    "knn": Judge("knn", "nearest neighbours", True, 2, _knn),
    "rank": Judge("collapse", "effective rank", False, 3, _rank),
}


def scores(measurement: Measurement, finding: object) -> tuple[float, float | None]:
    """What the trained encoder reached, and the untrained one if it was measured, 0 to 1."""
    found = JUDGES[measurement].scores(finding)
    return found[TRAINED], found.get(UNTRAINED)


def unclassed(
    measurement: Measurement, section: DataSection, catalogue: Catalogue, count: int | None = None
) -> str:
    """Why a folder has too few classes for a measurement and what can be done, or "".

    Args:
        measurement: that trials are to be judged by.
        section: how the folder is read.
        catalogue: the folder.
        count: of classes, if not all of the folder's count.
    """
    judge = JUDGES[measurement]
    known = len(catalogue.classes) if count is None else count
    if not judge.needs_classes or known >= 2:
        return ""
    have = "no classes" if not known else "a single class"
    remedy = "use sub-folders as classes or a CSV with a column 'label'"
    if section.labels == "none":
        remedy = "set data.labels to 'auto'"
    return (
        f"{have} among the images trained on, and {judge.words} needs two; "
        f"{remedy}, or measure by 'rank', the effective rank, which needs none"
    )


def problem(measurement: Measurement, section: DataSection, catalogue: Catalogue) -> str:
    """Why trials on a folder cannot be judged so and what can be done; "" if they can.

    Raises:
        ValueError: if the folder cannot be split as the section says.
    """
    split = section.split(catalogue)
    if not len(split.held_out):
        return "no image is held out to measure on; set data.held_out above 0"
    labels = catalogue.labels
    known = np.unique(labels[split.train])
    found = unclassed(measurement, section, catalogue, int((known >= 0).sum()))
    if not found and JUDGES[measurement].needs_classes and (labels[split.held_out] < 0).all():
        return (
            "no image that is held out has a class; give more images one, raise "
            "data.held_out, or measure by 'rank', the effective rank, which needs none"
        )
    return found


def require_measurable(
    measurement: Measurement,
    trials: Iterable[Trial],
    open_folder: Callable[[DataSection], Catalogue],
) -> None:
    """Refuse trials before they are trained for nothing.

    Folders that cannot be read at all are passed over: their trials fail at once, with the reason.

    Args:
        measurement: by which they are to be judged.
        trials: to be trained.
        open_folder: the catalogue of a folder, read as the section says.

    Raises:
        ConfigError: if some trial could be trained, but not measured; the message says what to do.
    """
    folders: dict[object, Catalogue | None] = {}
    seen: set[DataSection] = set()
    for trial in trials:
        section = Recipe.from_toml(trial.recipe, trial.name).data
        if section in seen:
            continue
        seen.add(section)
        key = (section.folder, section.reading)
        try:
            if key not in folders:
                folders[key] = None
                folders[key] = open_folder(section)
            catalogue = folders[key]
            found = "" if catalogue is None else problem(measurement, section, catalogue)
        except ValueError:
            continue
        if found:
            raise ConfigError(f"{section.folder}: {found}")
