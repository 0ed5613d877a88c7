"""A linear readout that learns along: how well classes can be read while the encoder trains.

Features that a training step makes anyway are taken as they are, without a gradient, and a linear
classifier is moved by one step of SGD with momentum towards the labels of their images, as AMDIM
does (https://arxiv.org/abs/1906.00910). It stands on a batch norm without weights of its own, so
that one rate does for features of any scale. Nothing flows back: the method's weights, random
numbers and loss are bit for bit those of a run without it.

Labels enter here, by row of the catalogue; a batch has none. Only methods that put whole views
through the encoder they keep can be listened to; for the others nothing is told.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from sslcore.batch import Batch
from sslcore.nets.encoder import Encoder

RATE, MOMENTUM = 0.03, 0.9
"""Measured on 10,000 CIFAR-10 images under SimCLR: .03 reads best, .1 and .3 are restless."""

BATCH_NORM_EPSILON = 1e-5
"""As torch's batch norm has it."""


class OnlineProbe:
    """The readout of a run.

    Args:
        labels: (N,) classes of all catalogue rows, negative for none; None for no readout.
        classes: K.
        device: where the method computes.
    """

    def __init__(
        self, labels: NDArray[np.int64] | None, classes: int, device: torch.device
    ) -> None:
        self._labels: Tensor | None = None
        if labels is not None and classes > 1 and int((labels >= 0).sum()) > 1:
            self._labels = torch.from_numpy(labels.copy()).to(device)
        self._classes = classes
        self._device = device
        self._heard: dict[tuple[str, int], tuple[Tensor, Tensor]] = {}
        self._tensors: dict[str, Tensor] = {}

    @contextmanager
    def listening(self, encoder: Encoder, batch: Batch) -> Generator[None]:
        """Take what the encoder makes of a batch inside, and learn from it at the end."""
        if self._labels is None:
            yield
            return

        def hear(images: Tensor, found: Tensor) -> None:
            place = _place(batch, images)
            if place is not None:
                name, rows = place
                pooled = found.detach().float().mean((-2, -1))
                # Gradient caching embeds every micro-batch twice: the same rows count once.
                self._heard[name, int(rows[0])] = (pooled, rows)

        encoder.listener = hear
        try:
            yield
            self._learn(batch)
        finally:
            encoder.listener = None
            self._heard.clear()

    @torch.no_grad()
    def _learn(self, batch: Batch) -> None:
        """One step on what was heard.

        Rows without a label are weighted 0 instead of being left out: nothing here waits for an
        accelerator to say how many they are.
        """
        if not self._heard or self._labels is None:
            return
        rows = torch.cat([one for one, _ in self._heard.values()])
        images = torch.cat([one for _, one in self._heard.values()])
        index = batch.index.to(self._device)[images.to(self._device, non_blocking=True)]
        truth = self._labels[index]
        there = ((truth >= 0) & rows.isfinite().all(1)).to(rows.dtype)[:, None]
        count = there.sum()
        rows = torch.where(there > 0, rows, 0.0)
        now = self._tensors or self._begin(rows.shape[1])
        weight = there / count.clamp(min=1)
        mean = (weight * rows).sum(0)
        spread = (weight * (rows - mean).square()).sum(0)
        normed = (rows - mean) / (spread + BATCH_NORM_EPSILON).sqrt()
        wrong = F.linear(normed, now["weight"], now["bias"]).softmax(1)
        wrong -= F.one_hot(truth.clamp(min=0), self._classes)
        wrong *= weight
        enough = count > 1  # of one row alone there is no deviation
        for name, gradient in (("weight", wrong.T @ normed), ("bias", wrong.sum(0))):
            before = now[f"{name}_velocity"]
            velocity = torch.where(enough, MOMENTUM * before + gradient, before)
            before.copy_(velocity)
            now[name].sub_(torch.where(enough, RATE * velocity, 0.0))

    def _begin(self, width: int) -> dict[str, Tensor]:
        weight = torch.zeros(self._classes, width, device=self._device)
        bias = torch.zeros(self._classes, device=self._device)
        self._tensors = {
            "weight": weight,
            "bias": bias,
            "weight_velocity": weight.clone(),
            "bias_velocity": bias.clone(),
        }
        return self._tensors

    @torch.no_grad()
    def metrics(
        self, index: NDArray[np.int64], features: NDArray[np.float32], asked: NDArray[np.int64]
    ) -> dict[str, float]:
        """Accuracy on held-out images as ``online_linear``; empty before it learned anything.

        Args:
            index: (N,) catalogue rows.
            features: (N, D) of these.
            asked: catalogue rows of the held-out images among them; features are normalised over
                the others.
        """
        now = self._tensors
        if not now or self._labels is None or not np.isfinite(features).all():
            return {}
        truth = self._labels.cpu()[torch.from_numpy(index)]
        there = torch.from_numpy(np.isin(index, asked)) & (truth >= 0)
        if not bool(there.any()):
            return {}
        rows = torch.from_numpy(features).to(self._device)
        shown = rows[torch.from_numpy(~np.isin(index, asked)).to(self._device)]
        if len(shown) < 2:
            return {}
        # Whole images lie elsewhere than views: their own mean and deviation, not those of views.
        normed = F.batch_norm(
            rows[there.to(self._device)], shown.mean(0), shown.var(0, correction=0)
        )
        guess = F.linear(normed, now["weight"], now["bias"]).argmax(1).cpu()
        return {"online_linear": float((guess == truth[there]).double().mean())}

    def state(self) -> Mapping[str, Tensor]:
        """What a resumed run needs to go on; empty before it learned anything."""
        return self._tensors

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state; one of other classes is left out, and learning begins anew."""
        if self._labels is not None and state and len(state["weight"]) == self._classes:
            self._tensors = {name: one.to(self._device) for name, one in state.items()}


def _place(batch: Batch, images: Tensor) -> tuple[str, Tensor] | None:
    """Which view a stack of images is (a part) of, and which image of the batch each one is of.

    Told by where the numbers lie: a stack that was copied together belongs to no view.

    Returns:
        Name of the view and (N,) int64 numbers in the batch, on the CPU; None for other images.
    """
    for name, view in batch.views.items():
        same = images.untyped_storage().data_ptr() == view.untyped_storage().data_ptr()
        if same and images.shape[1:] == view.shape[2:] and view.is_contiguous():
            each = view[0].numel()
            first = images.storage_offset() - view.storage_offset()
            starts = torch.arange(len(images)) * int(images.stride(0)) + int(first)
            rows = starts // each
            if bool((rows >= 0).all()) and bool((rows < len(batch)).all()):
                return name, rows
    return None
