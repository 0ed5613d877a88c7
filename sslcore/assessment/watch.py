"""How work in several stages tells how far it is, and asks whether to go on."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from sslcore.data.pool import raise_if_cancelled
from sslcore.engine.control import Control
from sslcore.events import Preparing

T = TypeVar("T")
Told = Callable[[str, int, int], None]
"""Called with (what is done, how much of it is done, how much there is; 0 if unknown)."""


class Watch:
    """Whoever looks at the work: told of progress, asked whether to go on.

    Args:
        told: gets every word about progress.
        cancelled: answers True once the work is to end; asked often, so it must be quick.
    """

    def __init__(
        self, told: Told | None = None, cancelled: Callable[[], bool] | None = None
    ) -> None:
        self._told = told
        self._cancelled = cancelled

    def stage(self, words: str) -> Callable[[int, int], None]:
        """A ``progress(done, total)`` callback for one stage of the work, named in words."""

        def progress(done: int, total: int) -> None:
            if self._told is not None:
                self._told(words, done, total)

        return progress

    def cancelled(self) -> bool:
        """Whether the work is to end."""
        return self._cancelled is not None and self._cancelled()

    def check(self) -> None:
        """Raise ``Cancelled`` if the work is to end."""
        raise_if_cancelled(self.cancelled)

    def through(self, work: Callable[[Control], Generator[Preparing, None, T]]) -> T:
        """Run one of the engine's preparations to its end, its stages told here.

        Raises:
            Cancelled: if the work was called off.
        """
        control = Control()
        events = work(control)
        while True:
            if self.cancelled():
                control.stop()
            try:
                event = next(events)
            except StopIteration as end:
                return end.value
            self.stage(event.stage)(event.done, event.total)
