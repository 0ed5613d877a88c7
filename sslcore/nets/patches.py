"""Images as rows of patches, and masks as the numbers of patches."""

from __future__ import annotations

from torch import Tensor

from sslcore.batch import Batch
from sslcore.config import ConfigError


def patchify(images: Tensor, patch: int) -> Tensor:
    """Cut images into patches.

    Args:
        images: (B, C, H, W), sides divisible by ``patch``.
        patch: side in pixels.

    Returns:
        (B, N, patch * patch * C): patches in reading order, each pixel by pixel, each pixel channel
        by channel.

    Raises:
        ValueError: if the patches do not fill the images.
    """
    height, width = images.shape[-2:]
    if height % patch or width % patch:
        raise ValueError(f"patches of {patch} px do not fill images of {height} x {width} px")
    cut = images.unflatten(3, (-1, patch)).unflatten(2, (-1, patch))  # B C h p w q
    return cut.permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2)


def unpatchify(patches: Tensor, grid: tuple[int, int], channels: int) -> Tensor:
    """Put patches together again, the inverse of :func:`patchify`.

    Args:
        patches: (B, N, patch * patch * C).
        grid: patches down and across.
        channels: C.

    Returns:
        (B, C, H, W).

    Raises:
        ValueError: if numbers of patches or values do not fit.
    """
    count, values = patches.shape[1:]
    side = round((values / channels) ** 0.5)
    if count != grid[0] * grid[1] or side * side * channels != values:
        raise ValueError(
            f"{count} patches of {values} values are no {grid[0]} x {grid[1]} grid of square "
            f"patches of {channels} channels"
        )
    cut = patches.unflatten(2, (side, side, channels)).unflatten(1, grid)  # B h w p q C
    return cut.permute(0, 5, 1, 3, 2, 4).flatten(4).flatten(2, 3)


def numbers(mask: Tensor) -> Tensor:
    """The patches of a mask by their numbers.

    Args:
        mask: (B, N) bool with as many patches in every row, at least one.

    Returns:
        (B, K) int64, ascending.

    Raises:
        ConfigError: if rows differ in number, or have none.
    """
    counts = mask.sum(1)
    least, most = int(counts.min()), int(counts.max())
    if least != most or not least:
        raise ConfigError(
            f"between {least} and {most} patches are left or asked for in the images of a batch; "
            "it must be one number above 0: change the share that the view's mask hides"
        )
    return mask.long().argsort(dim=1, descending=True, stable=True)[:, :most]


def masked(batch: Batch, view: str, kind: str, patch: int) -> tuple[Tensor, Tensor]:
    """What a view's mask asks of the images it was made of, those of view ``whole``.

    Args:
        batch: with view ``whole`` and the answers of ``view``.
        view: whose mask.
        kind: of the step that drew it.
        patch: side of the backbone's patches in pixels; the mask must have the same.

    Returns:
        (B V, C, H, W) whole images, one for every mask, and (B V, ..., N) bool masks.

    Raises:
        ConfigError: if the view has no such step, or its patches are not those of the backbone.
    """
    answer = batch.truth.get(f"{view}/{kind}")
    if answer is None:
        raise ConfigError(f"views: view {view!r} has no step {kind!r}; add it")
    answer, images = answer.flatten(0, 1), batch.view("whole")
    wanted = images.shape[-2] // patch * (images.shape[-1] // patch)
    if answer.shape[-1] != wanted:
        raise ConfigError(
            f"views: {kind}.patch of view {view!r} must be {patch} px, as the backbone's patches"
        )
    return images.repeat_interleave(len(answer) // len(images), 0), answer
