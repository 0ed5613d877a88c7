"""Work on many files by a few threads: in order, with progress, and with a way to call it off."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

Progress = Callable[[int, int], None]
"""Called with (done, total); total is 0 while it is not known yet."""

CancelAsked = Callable[[], bool]
"""Answers True once somebody called the work off; asked often, so it must be quick."""


class Cancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """Work ended because it was called off; nothing half-made is left behind."""


def thread_count() -> int:
    """Threads for decoding: Pillow lets go of the interpreter lock, disks like a few readers."""
    return max(2, min(8, os.cpu_count() or 2))


def raise_if_cancelled(cancelled: CancelAsked | None) -> None:
    """Raise :class:`Cancelled` if the work was called off."""
    if cancelled is not None and cancelled():
        raise Cancelled("called off")


def each(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> Iterator[Result]:
    """Results of ``work`` on every item, in the order of the items.

    Only a few items are under way at once, so that results do not pile up in memory.

    Raises:
        Cancelled: if called off; no thread is left behind.
    """
    threads = thread_count()
    report_every = max(1, len(items) // 200)
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="images") as executor:
        try:
            done = 0
            for item in items:
                raise_if_cancelled(cancelled)
                waiting.append(executor.submit(work, item))
                if len(waiting) < 8 * threads:
                    continue
                yield waiting.popleft().result()
                done += 1
                if progress is not None and done % report_every == 0:
                    progress(done, len(items))
            while waiting:
                raise_if_cancelled(cancelled)
                yield waiting.popleft().result()
                done += 1
                if progress is not None and (done % report_every == 0 or not waiting):
                    progress(done, len(items))
        finally:
            for future in waiting:
                future.cancel()
