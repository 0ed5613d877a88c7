"""Samples of catalogue rows: images, with frames, targets or captions where a method needs them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sslcore.batch import Sample
from sslcore.data.captions import Vocabulary
from sslcore.data.contents import Catalogue
from sslcore.data.loader import Reader

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """Which frames of a sequence make a sample.

    Attributes:
        frames: T, the image itself counted; it is frame ``T // 2``.
        step: images from one frame to the next.
    """

    frames: int = 5
    step: int = 1


def serving(catalogue: Catalogue, rows: Rows, needs: str, window: Window) -> Rows:
    """Those of some rows that serve a kind: images in the middle of a window, with a target, ...

    Args:
        catalogue: where they stand.
        rows: sorted row numbers.
        needs: "images", "sequences", "pairs" or "captions".
        window: of a sequence.

    Raises:
        ValueError: if none does; one sentence with a remedy.
    """
    if needs == "sequences" and catalogue.sequences is not None:
        fits = catalogue.sequences.middles(window.frames, window.step)
        if not len(fits):
            longest = int(catalogue.sequences.lengths.max(initial=0))
            raise ValueError(
                f"data.frames = {window.frames}, data.frame_step = {window.step}: no sequence is "
                f"that long, the longest has {longest} frames; lower one of them"
            )
    elif needs == "pairs" and catalogue.targets is not None:
        fits = catalogue.targets.rows
    elif needs == "captions" and catalogue.captions is not None:
        fits = np.flatnonzero([bool(one) for one in catalogue.captions])
    else:
        return rows
    return rows[np.isin(rows, fits)]


def nearest(catalogue: Catalogue, rows: Rows, needs: str, window: Window) -> Rows:
    """For each row the nearest one that serves a kind, for a look at a few.

    Raises:
        ValueError: if none does.
    """
    fits = serving(catalogue, np.arange(len(catalogue)), needs, window)
    if not len(fits):
        raise ValueError(f"no image of this folder serves {needs}")
    return fits[np.abs(fits[None, :] - rows[:, None]).argmin(1)]


class Source:
    """Reads samples as a method needs them; safe to call from several threads.

    What is not needed is not read: frames and targets cost as much as images.

    Args:
        catalogue: which rows there are.
        needs: the kind a method needs.
        pixels: the images.
        targets: their targets, where pairs are needed.
        window: of a sequence.
        vocabulary: words of the captions, where captions are needed.
        length: words of a caption at most.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        needs: str,
        pixels: Reader,
        *,
        targets: Reader | None = None,
        window: Window | None = None,
        vocabulary: Vocabulary | None = None,
        length: int = 32,
    ) -> None:
        self._catalogue = catalogue
        self._needs = needs
        self._pixels = pixels
        self._targets = targets
        self._window = window or Window()
        self._vocabulary = vocabulary
        self._length = length

    def sample(self, rows: Rows) -> Sample:
        """The sample of (B,) catalogue rows, on the CPU.

        ``frames`` is (B, T, C, side, side), ``target`` (B, C', side, side) float32 or, for class
        numbers, int64, ``tokens`` (B, L) int64.

        Raises:
            ValueError: if a row does not serve (see :func:`serving`).
        """
        index = torch.from_numpy(rows.copy())
        if self._needs == "sequences" and self._catalogue.sequences is not None:
            count = self._window.frames
            wanted = self._catalogue.sequences.windows(rows, count, self._window.step)
            frames = self._pixels.read(wanted.reshape(-1)).unflatten(0, (len(rows), count))
            return Sample(index, frames[:, count // 2].clone(), frames=frames)
        images = self._pixels.read(rows)
        return Sample(index, images, target=self._target(rows), tokens=self._tokens(rows))

    def _target(self, rows: Rows) -> Tensor | None:
        known = self._catalogue.targets
        if self._needs != "pairs" or known is None or self._targets is None:
            return None
        read = self._targets.read(rows)
        return read.long() if known.role == "labels" else read

    def _tokens(self, rows: Rows) -> Tensor | None:
        captions = self._catalogue.captions
        if self._needs != "captions" or captions is None or self._vocabulary is None:
            return None
        return self._vocabulary.tokens([captions[row] for row in rows], self._length)
