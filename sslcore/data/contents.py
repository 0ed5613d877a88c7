"""The contents of a folder: which images it holds and what is known of each, without any pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sslcore.data.copies import copies
from sslcore.data.folder import Problem
from sslcore.data.pairs import Targets
from sslcore.data.pool import CancelAsked, Progress
from sslcore.data.sequences import Sequences
from sslcore.data.split import Split, carve, stratified


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All readable images of a folder, in rows 0 to N - 1, sorted by path.

    Attributes:
        root: the folder.
        paths: relative to it, with forward slashes.
        labels: (N,) int64, position in ``classes``; -1 where there is none.
        classes: names of the classes, sorted.
        splits: "", "train", "val" or "test" for every row.
        groups: (N,) int64, equal for images that must stay together (a patient, a slide), or None.
        metadata: further CSV columns by name; numeric ones as floats, NaN where empty.
        sizes: (N, 2) int64, height and width as looked at.
        channels: 1 if all images are grey, else 3, transparency laid on white; or as many as
            their files have.
        bits: 16 if any image has more than 8 bits and none needs to be made colour, else 8.
        problems: files left out, with the reason, what was wrong with the CSV, and images read
            with fewer bits than they have.
        kinds: what the folder can serve.
        fingerprint: of paths, file sizes and times; changes when any image does.
        sequences: which rows are frames of one scene, or None. A video's frames are rows with
            paths of their own (see :mod:`sslcore.data.video`).
        targets: what a paired folder gives to predict from each image, or None.
        captions: a sentence for every row, "" where there is none, or None. The column they come
            from is no metadata.
        lacks: kind -> why the folder cannot serve it (see :func:`sslcore.data.kinds.lacking`).
        native: whether every file is read as it is (see :class:`sslcore.data.reading.Reading`).
    """

    root: Path
    paths: tuple[str, ...]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    groups: NDArray[np.int64] | None
    metadata: Mapping[str, tuple[str, ...] | tuple[float, ...]]
    sizes: NDArray[np.int64]
    channels: int
    bits: Literal[8, 16]
    problems: tuple[Problem, ...]
    kinds: tuple[str, ...]
    fingerprint: str
    sequences: Sequences | None = None
    targets: Targets | None = None
    captions: tuple[str, ...] | None = None
    lacks: Mapping[str, str] = field(default_factory=dict[str, str])
    native: bool = False

    def __len__(self) -> int:
        return len(self.paths)

    def path(self, row: int) -> Path:
        """Where the image of a row lies."""
        return self.root / self.paths[row]

    def split(
        self,
        seed: int,
        held_out: float,
        limit: int | None = None,
        source: Literal["auto", "train"] = "auto",
    ) -> Split:
        """Which rows are trained on, and which are held out to answer questions afterwards.

        With ``source="auto"`` the folder's own splits count: ``test`` is held out, or ``val`` if
        there is no test, and only ``train`` (and rows without a split) are trained on. Without
        such splits, and with ``source="train"``, a part of the training images is held out:
        stratified by class, groups never torn. ``source="train"`` does not look at own ``val``
        and ``test`` images at all: tune on that, and keep ``auto`` for the last word.

        Args:
            seed: of what is drawn, at least 0.
            held_out: part of the images to hold out, at least 0 and below 1.
            limit: train on at most so many images (stratified; held-out ones stay the same).
            source: see above.

        Raises:
            ValueError: if ``held_out`` or ``limit`` is out of range.
        """
        splits = np.array(self.splits)
        train = np.flatnonzero((splits == "train") | (splits == ""))
        test = np.flatnonzero(splits == "test")
        other = test if len(test) else np.flatnonzero(splits == "val")
        if not len(train):  # nothing is meant for training, so the names of splits mean nothing
            train, other = np.arange(len(self)), np.array([], np.int64)
        if source == "train" or not len(other):
            groups = None if self.groups is None else self.groups[train]
            held = carve(self.labels[train], groups, held_out, seed)
            train, other = train[~held], train[held]
        if limit is not None and limit < 1:
            raise ValueError(f"limit = {limit}: at least one image must be left to train on")
        if limit is not None and limit < len(train):
            train = train[stratified(self.labels[train], limit, seed)]
        return Split(train.astype(np.int64), other.astype(np.int64))

    def duplicates(
        self, progress: Progress | None = None, cancelled: CancelAsked | None = None
    ) -> tuple[tuple[int, ...], ...]:
        """Rows whose files are equal byte for byte, in sets of two or more.

        Only files that share their size with another are read.

        Raises:
            Cancelled: if called off.
        """
        return copies([self.path(row) for row in range(len(self))], progress, cancelled)
