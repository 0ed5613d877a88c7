"""The child process that computes maps: ``python -m sslcore.evaluation.projection_process``.

It imports and compiles once, says so, then takes one job after another. Jobs come as JSON lines on
standard input (``task``, ``input``, ``output``, ``settings``), arrays through .npz files, words
back as JSON lines on standard output. It ends when standard input does, so it never outlives a
window that was killed.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from sslcore.evaluation.projection_job import LayOut, Place, told
from sslcore.evaluation.projection_settings import UmapSettings, from_words

Report = Callable[[float, str], None]
Answer = tuple[NDArray[np.float32], dict[str, Any]]


def main() -> None:
    """Warm up, then work off jobs until standard input ends."""
    # Whatever a library prints must not mix with the lines the parent reads.
    words = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    if sys.platform != "win32":
        os.nice(5)
    jobs: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin, jobs), daemon=True).start()
    _warm()
    _say(words, event="ready")
    while True:
        _work(jobs.get(), words)


def _say(words: TextIO, **content: Any) -> None:
    words.write(json.dumps(content) + "\n")
    words.flush()


def _listen(lines: TextIO, jobs: queue.Queue[dict[str, Any]]) -> None:
    """Take jobs in; end the process when nobody can give any more, even in the midst of one."""
    for line in lines:
        jobs.put(json.loads(line))
    os._exit(0)


def _warm() -> None:
    """Import all that is needed, and compile what is compiled."""
    from sslcore.evaluation import tsne_layout, umap_layout

    del tsne_layout
    umap_layout.warm()


def _work(job: dict[str, Any], words: TextIO) -> None:
    """One job: read the arrays, compute, write the points, say how it went."""

    def report(part: float, stage: str) -> None:
        _say(words, event="progress", fraction=part, stage=stage)

    try:
        with np.load(job["input"]) as file:
            arrays = {name: file[name] for name in file.files}
        points, said = _TASKS[job["task"]](job, arrays, report)
        np.savez(job["output"], points=points)
    except (ValueError, TypeError, RuntimeError, MemoryError, OSError, ArithmeticError) as error:
        traceback.print_exc()
        reason = str(error) or type(error).__name__
        _say(words, event="failed", error=reason)
    else:
        _say(words, event="done", **said)


def _lay_out(job: dict[str, Any], arrays: dict[str, NDArray[Any]], report: Report) -> Answer:
    from sslcore.evaluation import tsne_layout, umap_layout

    settings = from_words(job["settings"])
    features, initial = arrays["features"], arrays.get("initial")
    if isinstance(settings, UmapSettings):
        made = umap_layout.lay_out(features, settings, report, initial)
    else:
        made = tsne_layout.lay_out(features, settings, report, initial)
    return made.layout, told(made)


def _place(job: dict[str, Any], arrays: dict[str, NDArray[Any]], report: Report) -> Answer:
    from sslcore.evaluation import umap_layout

    settings = from_words(job["settings"])
    assert isinstance(settings, UmapSettings)
    queries, scale = arrays["queries"], job["scale"]
    points = umap_layout.place(
        arrays["features"], arrays["layout"], queries, settings, scale, report
    )
    return points, {}


_TASKS = {LayOut.task: _lay_out, Place.task: _place}

if __name__ == "__main__":
    main()
