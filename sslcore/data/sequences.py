"""Sequences: which images of a folder are frames of one scene, and windows of them.

A sequence is a video, or the images of one folder whose names differ by a number alone
(``walk/0001.png``, ``walk_0001.png``), in the order of these numbers. Class folders are often
numbered too, so neighbours must also look more alike than images far apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from sslcore.data.video import split_path

SHORTEST = 3
"""Images in a sequence at least."""

ALIKE = 0.7
"""Neighbours are frames if they differ less than this part of what images far apart differ."""

_SPOTS = 16  # Places at which neighbours are compared
_NUMBERED = re.compile(r"(.*?)(\d+(?:\.\d+)?)", re.DOTALL)

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sequences:
    """Which rows of a catalogue follow each other in time.

    Attributes:
        names: of the S sequences: the video, or folder and stem.
        rows: (F,) int64 catalogue rows, one sequence after another, each in order of time.
        starts: (S + 1,) int64: sequence s is ``rows[starts[s]:starts[s + 1]]``.
    """

    names: tuple[str, ...]
    rows: Rows
    starts: Rows

    def __len__(self) -> int:
        return len(self.names)

    @property
    def lengths(self) -> Rows:
        """(S,) frames of every sequence."""
        return np.diff(self.starts)

    def numbers(self, count: int) -> Rows:
        """(count,) number of the sequence of every catalogue row, -1 for rows in none."""
        found = np.full(count, -1, np.int64)
        found[self.rows] = np.repeat(np.arange(len(self)), self.lengths)
        return found

    def middles(self, frames: int, step: int) -> Rows:
        """Sorted catalogue rows that stand in the middle of a window of their own sequence."""
        before, after = frames // 2 * step, (frames - 1 - frames // 2) * step
        place = np.arange(len(self.rows))
        begins = np.repeat(self.starts[:-1], self.lengths)
        ends = np.repeat(self.starts[1:], self.lengths)
        return np.sort(self.rows[(place - before >= begins) & (place + after < ends)])

    def windows(self, middles: Rows, frames: int, step: int) -> Rows:
        """The rows around some rows; frame ``frames // 2`` is the row itself.

        Args:
            middles: (B,) rows as :meth:`middles` gives them.
            frames: T.
            step: frames from one to the next.

        Returns:
            (B, T) int64 catalogue rows in order of time.

        Raises:
            ValueError: if a window would leave its sequence.
        """
        places = np.full(int(max(self.rows.max(initial=-1), middles.max(initial=-1))) + 1, -1)
        places[self.rows] = np.arange(len(self.rows))
        offsets = (np.arange(frames) - frames // 2) * step
        wanted = places[middles][:, None] + offsets
        one = np.searchsorted(self.starts, places[middles], "right") - 1
        inside = (wanted >= self.starts[one][:, None]) & (wanted < self.starts[one + 1][:, None])
        if (places[middles] < 0).any() or not inside.all():
            raise ValueError(
                f"some rows are not in the middle of {frames} frames, {step} apart, of a sequence"
            )
        return self.rows[wanted]


def numbered(paths: Sequence[str], splits: Sequence[str]) -> Sequences | None:
    """Images whose names differ by a number, as sequences; None if there are none.

    Args:
        paths: N relative paths.
        splits: of every path; a sequence ends where the split changes.
    """
    groups: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for row, path in enumerate(paths):
        frame = split_path(path)
        if frame is not None:
            groups.setdefault((frame[0], ""), []).append((frame[1], row))
            continue
        place = PurePosixPath(path)
        match = _NUMBERED.fullmatch(place.stem)
        if match is not None:
            key = (str(place.parent), match[1])
            groups.setdefault(key, []).append((float(match[2]), row))
    names: list[str] = []
    rows: list[int] = []
    starts = [0]
    for (folder, prefix), members in sorted(groups.items()):
        ordered = [row for _, row in sorted(members)]
        for run in _runs(ordered, splits):
            if len(run) >= SHORTEST:
                names.append("/".join(part for part in (folder, prefix) if part not in ("", ".")))
                rows += run
                starts.append(len(rows))
    if not names:
        return None
    return Sequences(tuple(names), np.array(rows, np.int64), np.array(starts, np.int64))


def continuous(sequences: Sequences, picture: Callable[[int], NDArray[np.float32] | None]) -> bool:
    """Whether neighbours look alike, as frames do and pictures of one class do not.

    At up to 16 places spread over all sequences, the mean difference of neighbours is divided by
    that of two images half a sequence apart; the middle one of these ratios decides.

    Args:
        sequences: numbered images.
        picture: a small picture of a catalogue row; None where it cannot be read.
    """
    chosen = np.unique(np.linspace(0, len(sequences) - 1, _SPOTS).round().astype(np.int64))
    spots = -(-_SPOTS // len(chosen))
    ratios: list[float] = []
    for number in chosen:
        rows = sequences.rows[sequences.starts[number] : sequences.starts[number + 1]]
        for place in np.unique(np.linspace(0, len(rows) - 2, spots).astype(np.int64)):
            far = (place + max(2, len(rows) // 2)) % len(rows)
            looks = [picture(int(rows[at])) for at in (place, place + 1, far)]
            here, near, away = looks
            if here is None or near is None or away is None:
                continue
            apart = float(np.abs(here - away).mean())
            if apart > 0:
                ratios.append(float(np.abs(here - near).mean()) / apart)
    return bool(ratios) and float(np.median(ratios)) < ALIKE


def _runs(rows: Sequence[int], splits: Sequence[str]) -> list[list[int]]:
    """Neighbours of the same split."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and splits[runs[-1][-1]] == splits[row]:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs
