"""Numbers in float64, also where the device has none."""

from __future__ import annotations

import torch
from torch import Tensor


def doubled(values: Tensor) -> Tensor:
    """The values in float64: on their own device, or on the CPU if that has no float64.

    Apple's MPS refuses it (https://pytorch.org/docs/stable/notes/mps.html) with a TypeError. What
    is worked out in float64 here is small, or off the path of a training step.
    """
    if values.dtype == torch.float64:
        return values
    try:
        return values.double()
    except TypeError:
        return values.cpu().double()
