"""Frames of sequences, as methods that learn from time take them out of a batch."""

from __future__ import annotations

from torch import Tensor

from sslcore.batch import Batch
from sslcore.config import ConfigError

VIEW = "frames"
"""The view that holds frames."""


def clips(batch: Batch, frames: int, fewest: int) -> Tensor:
    """The frames of a batch, copy by copy.

    Args:
        batch: with a view ``frames``, V = copies x frames.
        frames: of a sample (``facts.frames``); 0 takes all V as one clip.
        fewest: frames the method needs at least.

    Returns:
        (B * copies, T, C, h, w) in order of time.

    Raises:
        ConfigError: if there are too few.
    """
    images = batch.views[VIEW]
    count = frames or images.shape[1]
    if count < fewest or images.shape[1] % count:
        raise ConfigError(
            f"data.frames = {count}: this method needs at least {fewest} frames of every sequence; "
            "raise data.frames"
        )
    return images.unflatten(1, (-1, count)).flatten(0, 1)
