"""Features of stored images under an encoder, and the raw-pixel baseline they must beat."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.data.pool import Cancelled

Rows = Sequence[int] | NDArray[np.int64]
Progress = Callable[[int, int], None]


class Images(Protocol):
    """Anything that serves images by row: ``read`` gives (B, C, H, W) floats in [0, 1]."""

    def read(self, rows: NDArray[np.int64], /) -> Tensor:
        """The images of these catalogue rows, in this order."""
        ...


@contextmanager
def evaluating(encode: object) -> Generator[None]:
    """A module in evaluation mode for the time, then every part back in the mode it had."""
    modules = list(encode.modules()) if isinstance(encode, nn.Module) else []
    modes = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode


def resized(images: Tensor, size: int | None) -> Tensor:
    """(B, C, H, W) -> (B, C, size, size), antialiased bilinear over the whole image, no crop."""
    if size is None or images.shape[-2:] == (size, size):
        return images
    return F.interpolate(
        images, size=(size, size), mode="bilinear", align_corners=False, antialias=True
    )


def channels_fit(have: int, wanted: int) -> bool:
    """Whether :func:`fit_channels` can make images of so many channels fit an encoder."""
    return have in (1, wanted) or (have, wanted) == (3, 1)


def fit_channels(images: Tensor, channels: int) -> Tensor:
    """Images (B, C, H, W) with the channels an encoder was made for: grey <-> colour.

    Raises:
        ValueError: for any other pair of channel counts.
    """
    have = images.shape[1]
    if have == channels:
        return images
    if have == 1:
        return images.expand(-1, channels, -1, -1)
    if have == 3 and channels == 1:
        weights = images.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
        return (images * weights).sum(1, keepdim=True)
    raise ValueError(f"the images have {have} channels, the encoder was made for {channels}")


def extract(
    encode: Callable[[Tensor], Tensor],
    store: Images,
    rows: Rows,
    batch_size: int = 256,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    *,
    image_size: int | None = None,
) -> NDArray[np.float32]:
    """Features of images, in the order of ``rows``.

    Args:
        encode: images (B, C, H, W) on ``device`` -> features (B, D); a module is put in evaluation
            mode for the time, so that batch norm and dropout do not depend on the batch.
        store: where the images lie.
        rows: catalogue rows; the same row may come twice.
        batch_size: images per call of ``encode``.
        device: where ``encode`` computes.
        progress: told (images done, images in all) after every batch.
        cancelled: asked before every batch; True ends the work.
        image_size: side the encoder was trained at; the whole stored image is resized to it. None
            takes the images as they are stored.

    Returns:
        (N, D) float32.

    Raises:
        Cancelled: if ``cancelled`` said so.
        ValueError: without rows, for a batch size below 1, or if ``encode`` does not answer with
            one row per image.
    """
    wanted = np.asarray(rows, dtype=np.int64)
    if wanted.ndim != 1 or not len(wanted):
        raise ValueError(f"rows must be a list of at least one image, got shape {wanted.shape}")
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    parts: list[NDArray[np.float32]] = []
    with torch.no_grad(), evaluating(encode):
        for start in range(0, len(wanted), batch_size):
            if cancelled is not None and cancelled():
                raise Cancelled(f"stopped after {start} of {len(wanted)} images")
            images = store.read(wanted[start : start + batch_size]).to(device)
            encoded = encode(resized(images, image_size))
            if encoded.ndim != 2 or len(encoded) != len(images):
                raise ValueError(
                    f"an encoder must give one feature row per image: {len(images)} images became "
                    f"{tuple(encoded.shape)}"
                )
            parts.append(encoded.float().cpu().numpy())
            if progress is not None:
                progress(min(start + batch_size, len(wanted)), len(wanted))
    return np.concatenate(parts)


PIXEL_SIDE = 32
"""Raw pixels are compared at this side at most: 224 x 224 of fifty thousand images are 30 GB."""


def flattened(images: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, C * s * s), the pixels themselves, s at most :data:`PIXEL_SIDE`."""
    return resized(images, min(PIXEL_SIDE, images.shape[-1])).flatten(1)


def pixels(
    store: Images,
    rows: Rows,
    size: int | None = None,
    batch_size: int = 256,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> NDArray[np.float32]:
    """Raw pixels as features, (N, C * s * s): what no training at all reaches.

    s is ``size``, or the side of the stored images, but at most :data:`PIXEL_SIDE`.
    """
    return extract(flattened, store, rows, batch_size, "cpu", progress, cancelled, image_size=size)
