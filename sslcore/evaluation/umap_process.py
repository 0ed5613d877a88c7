"""The child process that computes UMAP maps: ``python -m sslcore.evaluation.umap_process``.

It imports and compiles once, says so, then takes one job after another. Jobs come as JSON lines on
standard input (``input``, ``output``, ``settings``), arrays through .npz files, words back
as JSON lines on standard output. It ends when standard input does, so it never outlives a window
that was killed.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from typing import Any, TextIO

import numpy as np


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
    """Import umap and compile what every map needs, on a few points."""
    from sslcore.evaluation.umap_layout import Settings, keep_compiled, lay_out

    keep_compiled()
    points = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    lay_out(points, Settings(5, 0.1, "cosine", 0, 2, 11), lambda _part, _stage: None)


def _work(job: dict[str, Any], words: TextIO) -> None:
    """One job: read the arrays, lay out, write the points, say how it went."""
    from sslcore.evaluation.umap_layout import Settings, lay_out

    def report(part: float, stage: str) -> None:
        _say(words, event="progress", fraction=part, stage=stage)

    try:
        with np.load(job["input"]) as arrays:
            features = arrays["features"]
            initial = arrays.get("initial")
        layout = lay_out(features, Settings(**job["settings"]), report, initial)
        np.savez(job["output"], points=layout.points)
    except (ValueError, TypeError, RuntimeError, MemoryError, OSError, ArithmeticError) as error:
        traceback.print_exc()
        reason = str(error) or type(error).__name__
        _say(words, event="failed", error=reason)
    else:
        _say(
            words,
            event="done",
            kind=layout.kind,
            note=layout.note,
            trustworthiness=layout.faith.trustworthiness,
            continuity=layout.faith.continuity,
        )


if __name__ == "__main__":
    main()
