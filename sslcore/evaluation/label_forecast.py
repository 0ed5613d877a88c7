"""How long a few-label study will take, from a few steps of everything in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from sslcore.data.pool import CancelAsked, raise_if_cancelled
from sslcore.evaluation import features, finetune, linear, mlp_probe
from sslcore.evaluation.label_study import Line, Study

STEPS = 5
"""Steps of a network that are measured; the first one warms up and does not count."""

TRIED = 20
"""Iterations of L-BFGS that are measured."""

ITERATIONS = 20
"""Of L-BFGS a fit takes as a rule: on principal axes 1 to 34 were seen, on 128 features and on raw
pixels of up to 10,000 images; weak penalties, which start from stronger ones, take fewest."""

SET_UP = 2
"""Times a bank is made ready for fits: its part for the choice of a penalty, and the whole."""


@dataclass(frozen=True)
class Forecast:
    """What a study will take.

    Attributes:
        lines: line -> seconds.
        features: seconds of the features of encoders that are drawn anew.
    """

    lines: Mapping[Line, float]
    features: float = 0.0

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.features + sum(self.lines.values())

    def by_readout(self) -> dict[str, float]:
        """Seconds of each kind of readout that takes part."""
        found: dict[str, float] = {}
        for line, seconds in self.lines.items():
            found[line.readout] = found.get(line.readout, 0.0) + seconds
        return found


def forecast(study: Study, cancelled: CancelAsked | None = None) -> Forecast:
    """Measure a few steps of every line; takes seconds.

    Args:
        study: what will be measured.
        cancelled: asked before every line and step.

    Raises:
        ValueError: for an encoder that does not take these images.
        Cancelled: if called off.
    """
    found: dict[Line, float] = {}
    asked: dict[str, float] = {}
    for line in study.lines:
        raise_if_cancelled(cancelled)
        if line.readout == "linear":
            set_up, iteration = _fitting(study, line)
            fits = study.rounds(line) * ITERATIONS * iteration
            found[line] = fits + SET_UP * study.settings.seeds * set_up
        elif line.readout == "mlp":
            found[line] = study.rounds(line) * _mlp_step(study, line, cancelled)
        else:
            if line.start not in asked:
                assert study.pictures is not None
                encode = study.network_of(line).make(0)
                asked[line.start] = _look(study, encode) * len(study.pictures.queries)
            steps = study.rounds(line) * _network_step(study, line, cancelled)
            found[line] = steps + study.settings.seeds * asked[line.start]
    return Forecast(found, _redrawing(study))


def _fitting(study: Study, line: Line) -> tuple[float, float]:
    """Seconds of making the labels of a line ready, and of one iteration of L-BFGS on them.

    On raw pixels the first takes as long as many of the second.
    """
    places, one = study.subset(line.budget, 0), study.frozen_of(line)

    def fit(iterations: int) -> tuple[float, int]:
        begun = time.perf_counter()
        probe = linear.fit(
            one.bank[places],
            study.bank_labels[places],
            linear.PENALTIES[-1],
            classes=study.classes,
            device=study.device,
            iterations=iterations,
        )
        return time.perf_counter() - begun, max(probe.iterations, 1)

    if line is study.lines[0]:
        fit(1)  # the first of a process loads what it needs
    short, first = fit(1)
    long, last = fit(TRIED)
    iteration = long / last  # where it converges at once, or something disturbs the clock
    if last > first and long > short:
        iteration = (long - short) / (last - first)
    return max(short - iteration, 0.0), iteration


def _mlp_step(study: Study, line: Line, cancelled: CancelAsked | None) -> float:
    places, one = study.subset(line.budget, 0), study.frozen_of(line)

    def work(stepped: Callable[[], None]) -> None:
        mlp_probe.fit(
            one.bank[places],
            study.bank_labels[places],
            mlp_probe.SETTINGS[0],
            replace(study.settings.mlp, steps=STEPS),
            classes=study.classes,
            device=study.device,
            stepped=stepped,
        )

    return _timed(work, cancelled)


def _network_step(study: Study, line: Line, cancelled: CancelAsked | None) -> float:
    assert study.pictures is not None
    pictures = study.pictures

    def work(stepped: Callable[[], None]) -> None:
        finetune.fit(
            study.network_of(line).make(0),
            study.bank_of(study.subset(line.budget, 0)),
            pictures.learning_rates[0],
            replace(pictures.training, steps=STEPS, epochs=0.0),
            classes=study.classes,
            device=study.device,
            stepped=stepped,
        )

    return _timed(work, cancelled)


def _timed(work: Callable[[Callable[[], None]], None], cancelled: CancelAsked | None) -> float:
    """Seconds of a step, the median of those after the first, which allocates."""
    times: list[float] = []

    def stepped() -> None:
        raise_if_cancelled(cancelled)
        times.append(time.perf_counter())

    work(stepped)
    return float(np.median(np.diff(times)))


def _redrawing(study: Study) -> float:
    """Seconds of the features of encoders drawn anew: of all images, for all seeds but one."""
    if not study.redrawn or study.settings.seeds < 2:
        return 0.0
    assert study.redraw is not None
    assert study.pictures is not None
    images = len(study.pictures.bank) + len(study.pictures.queries)
    return _look(study, study.redraw.make(0)) * images * (study.settings.seeds - 1)


def _look(study: Study, encode: Callable[[Tensor], Tensor]) -> float:
    """Seconds that a network takes to look at an image."""
    assert study.pictures is not None
    pictures = study.pictures
    rows = pictures.queries[:256]
    begun = time.perf_counter()
    features.extract(
        encode,
        pictures.store,
        rows,
        device=study.device,
        image_size=pictures.training.image_size,
    )
    return (time.perf_counter() - begun) / len(rows)
