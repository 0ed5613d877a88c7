"""The contract of a measurement: settings in, a finding out that is JSON on the disk.

A measurement is a file in ``sslcore.assessment.kinds``. Its key is the file's stem, its help the
module's docstring. The command line's flag, the entry in the window's list and the form with its
settings follow from what it registers here.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, ConfigError
from sslcore.sections import DataSection


class Plain(BaseModel):
    """Part of a finding: plain values only. What could not be measured is None; NaN is refused."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Finding(Plain, ABC):
    """What was measured: kept as JSON and read again without a network and without images."""

    @abstractmethod
    def headline(self) -> str:
        """The finding in a few words with its unit: "48.4 %"."""

    @abstractmethod
    def lines(self) -> list[str]:
        """The finding as a terminal shows it, aligned for a font of one width."""


def percent(share: float) -> str:
    """A share in words: ``"48.4 %"``."""
    return f"{100 * share:.1f} %"


C = TypeVar("C", bound=Config)
F = TypeVar("F", bound=Finding)


@dataclass(frozen=True)
class Assessment:
    """One measurement.

    Attributes:
        key: stem of its file.
        title: "Nearest neighbours".
        idea: what it tells, in a sentence.
        config: class of its settings.
        finding: class of what it gives.
        needs_labels: whether it makes no sense without classes.
        slow: whether it takes minutes where others take seconds, because it trains networks or
            goes through many copies of the images.
        order: place in lists.
        work: measures; raises ValueError with a remedy for what cannot be measured.
        needs_folder: whether it measures on another folder than the run's, which must be named.
        suits: whether the run's own folder, taken where none is named, holds what is measured on;
            None where every folder does. It lists the folder, which may take seconds.
        before: what settings were that files from before there were such settings do not hold.
    """

    key: str
    title: str
    idea: str
    config: type[Config]
    finding: type[Finding]
    needs_labels: bool
    slow: bool
    order: int
    work: Callable[[Subject, Any, Watch], Finding]
    needs_folder: bool = False
    suits: Callable[[DataSection], bool] | None = None
    before: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def lacks_folder(self, section: DataSection) -> bool:
        """Whether somebody has to name a folder before this can be measured of a run.

        Args:
            section: which images the run was trained on.
        """
        return self.needs_folder or (self.suits is not None and not self.suits(section))

    def measure(self, subject: Subject, config: Config, watch: Watch) -> Finding:
        """Measure.

        Raises:
            ValueError: for what cannot be measured; the message says what to do.
            Cancelled: if it was called off.
        """
        if self.needs_labels:
            subject.require_labels()
        subject.watched(watch)
        return self.work(subject, config, watch)

    @property
    def help(self) -> str:
        """The page of the measurement: the docstring of its module."""
        return inspect.getdoc(inspect.getmodule(self.work)) or ""


_found: dict[str, Assessment] = {}


def assessment(
    *,
    title: str,
    order: int,
    config: type[C],
    finding: type[F],
    needs_labels: bool = False,
    slow: bool = False,
    needs_folder: bool = False,
    suits: Callable[[DataSection], bool] | None = None,
    before: Mapping[str, Any] | None = None,
) -> Callable[[Callable[[Subject, C, Watch], F]], Callable[[Subject, C, Watch], F]]:
    """Decorator that enters a measuring function in the registry."""

    def enter(work: Callable[[Subject, C, Watch], F]) -> Callable[[Subject, C, Watch], F]:
        key = work.__module__.rpartition(".")[2]
        page = inspect.getdoc(inspect.getmodule(work)) or ""
        idea = page.partition("\n")[0]
        _found[key] = Assessment(
            key=key,
            title=title,
            idea=idea,
            config=config,
            finding=finding,
            needs_labels=needs_labels,
            slow=slow,
            order=order,
            work=work,
            needs_folder=needs_folder,
            suits=suits,
            before=before or {},
        )
        return work

    return enter


@cache
def registry() -> Mapping[str, Assessment]:
    """All measurements by key, in the order of lists: the files of ``sslcore.assessment.kinds``."""
    package = importlib.import_module("sslcore.assessment.kinds")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return {one.key: one for one in sorted(_found.values(), key=lambda one: (one.order, one.key))}


def find(key: str) -> Assessment:
    """The measurement of a key.

    Raises:
        ConfigError: naming those there are.
    """
    known = registry()
    if key not in known:
        raise ConfigError(f"{key!r}: no such measurement; there are: {', '.join(known)}")
    return known[key]
