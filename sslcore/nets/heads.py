"""Heads: small networks between features and a loss. They are thrown away after training."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from sslcore.config import ConfigError


def mlp(
    inputs: int,
    hidden: int,
    outputs: int,
    layers: int,
    *,
    norm: bool = True,
    final_norm: bool = False,
    final_affine: bool = True,
) -> nn.Sequential:
    """A multi-layer perceptron with ReLU between its layers.

    Args:
        inputs: D, length of a feature vector.
        hidden: width of the layers between.
        outputs: d, length of a projection (``inputs`` where there is no layer).
        layers: linear layers; 0 passes features through, 1 is a linear map.
        norm: batch norm behind every layer but the last; such layers need no bias.
        final_norm: batch norm behind the last layer as well.
        final_affine: whether that last norm learns a scale and a shift (SimSiam's and MoCo v3's
            do not).

    Returns:
        (B, inputs) -> (B, outputs).

    Raises:
        ValueError: if a size is not positive or the number of layers is negative.
    """
    if min(inputs, hidden, outputs) < 1 or layers < 0:
        raise ValueError(
            f"a head needs positive sizes and no negative number of layers, got inputs={inputs}, "
            f"hidden={hidden}, outputs={outputs}, layers={layers}"
        )
    sizes = [inputs, *[hidden] * (layers - 1), outputs] if layers else [inputs]
    parts: list[nn.Module] = []
    for number, (before, after) in enumerate(pairwise(sizes), start=1):
        last = number == layers
        normed = final_norm if last else norm
        parts.append(nn.Linear(before, after, bias=not normed))
        if normed:
            parts.append(nn.BatchNorm1d(after, affine=final_affine or not last))
        if not last:
            parts.append(nn.ReLU())
    return nn.Sequential(*parts)


def check_rows(batch_size: int, each: int, what: str) -> None:
    """Refuse, before anything is built, a batch in which a head's batch norm sees a single row.

    Args:
        batch_size: images per step.
        each: rows that the head reads of every image.
        what: these rows are, in the plural.

    Raises:
        ConfigError: naming the setting to change.
    """
    if batch_size * each < 2:
        raise ConfigError(
            f"schedule.batch_size = {batch_size}: the batch norm of this method's head compares "
            f"the {what} of a batch; use at least 2"
        )
