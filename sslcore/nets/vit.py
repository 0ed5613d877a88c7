"""Vision Transformers: an image as a row of patches that look at each other.

Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929, with the fixed sine-cosine positions of
MAE (https://arxiv.org/abs/2111.06377) and *without a class token*: the vector of an image is the
mean over its patches, as for every other backbone. MAE and I-JEPA train nothing but patches, so a
class token would stay untrained there; with the mean, one rule serves all methods. What a class
token would look at is then what the mean takes from each patch: the attention of the last block
averaged over all patches that look (``Encoder.attention``).

Weights are called as in timm's ``vit_tiny_patch16_224`` and ``vit_small_patch16_224``, to which
those of :func:`build` can be copied (``class_token=False``; positions from :func:`positions`).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SMALL, LARGE = 64, 160
"""Sides in pixels from which patches are 8 and 16 pixels wide; below, they are 4."""

NAMES: dict[str, str] = {
    "vit_mini": "A Vision Transformer of 4 blocks, 800,000 weights at width 32: works on patches, "
    "trains on a laptop.",
    "vit_tiny": "ViT-Tiny, 12 blocks of 192 numbers, 5 million weights; wants a GPU. Width has no "
    "effect.",
    "vit_small": "ViT-Small, 12 blocks of 384 numbers, 21 million weights, the smallest of the "
    "papers; wants several GPUs. Width has no effect.",
}
"""Every Vision Transformer with a line about it."""


def patch_size(image_size: int) -> int:
    """Side of a patch in pixels for images of that side: 8 x 8 to 14 x 14 patches at usual sizes.

    32 px -> 4, 64 and 96 px -> 8, 224 px -> 16.
    """
    return 4 if image_size < SMALL else 8 if image_size < LARGE else 16


def heads(dimensions: int, each: int) -> int:
    """Attention heads of about ``each`` numbers: the most that divide evenly and are no shorter."""
    most = max(dimensions // each, 1)
    return next(count for count in range(most, 0, -1) if dimensions % count == 0)


def positions(
    grid: tuple[int, int],
    dimensions: int,
    trained: tuple[int, int] | None = None,
    device: torch.device | None = None,
) -> Tensor:
    """Fixed 2-D positions: half of the numbers waves over the rows, half over the columns.

    Half of each are sines, half cosines, of frequencies 1 to 1/10000 (Vaswani et al. 2017,
    https://arxiv.org/abs/1706.03762). Another grid than the trained one is stretched over it, by
    evaluating the waves in between: a small crop covers the same range as a large one.

    Args:
        grid: patches down and across.
        dimensions: D; the last D % 4 numbers stay zero.
        trained: patches down and across at the size of training, if that is another.
        device: where to.

    Returns:
        (patches, D) float32, in reading order.
    """
    base = trained or grid
    quarter = dimensions // 4
    waves = torch.arange(quarter, device=device, dtype=torch.float32) / max(quarter, 1)
    frequencies = torch.pow(10_000.0, -waves)
    angles: list[Tensor] = []
    for count, reach in zip(grid, base, strict=True):
        steps = torch.arange(count, device=device, dtype=torch.float32)
        places = (steps + 0.5) * (reach / count) - 0.5
        angles.append(places[:, None] * frequencies)
    rows = angles[0].repeat_interleave(grid[1], 0)
    columns = angles[1].repeat(grid[0], 1)
    found = torch.cat([rows.sin(), rows.cos(), columns.sin(), columns.cos()], 1)
    return F.pad(found, (0, dimensions - 4 * quarter))


class Attention(nn.Module):
    """Every token takes from every other, by how well its query fits the other's key."""

    def __init__(self, dimensions: int, count: int) -> None:
        super().__init__()
        self.heads = count
        self.qkv = nn.Linear(dimensions, 3 * dimensions)
        self.proj = nn.Linear(dimensions, dimensions)

    def _split(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, (B, heads, N, D / heads) each."""
        joint = self.qkv(tokens).unflatten(2, (3, self.heads, -1))
        q, k, v = joint.permute(2, 0, 3, 1, 4).unbind(0)
        return q, k, v

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, D) -> (B, N, D)."""
        taken = F.scaled_dot_product_attention(*self._split(tokens))
        return self.proj(taken.transpose(1, 2).flatten(2))

    def weights(self, tokens: Tensor) -> Tensor:
        """(B, heads, N, N): what token i takes from token j; every row sums to 1."""
        q, k, _ = self._split(tokens)
        return (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(-1)


class Perceptron(nn.Module):
    """Two layers that look at each token by itself."""

    def __init__(self, dimensions: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dimensions, hidden)
        self.fc2 = nn.Linear(hidden, dimensions)

    def forward(self, tokens: Tensor) -> Tensor:
        """(..., D) -> (..., D)."""
        return self.fc2(F.gelu(self.fc1(tokens)))


class Block(nn.Module):
    """Attention and a perceptron, each behind a norm and beside a shortcut.

    Args:
        dimensions: D.
        count: attention heads; must divide D.
    """

    def __init__(self, dimensions: int, count: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dimensions, eps=1e-6)
        self.attn = Attention(dimensions, count)
        self.norm2 = nn.LayerNorm(dimensions, eps=1e-6)
        self.mlp = Perceptron(dimensions, 4 * dimensions)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, D) -> (B, N, D)."""
        tokens = tokens + self.attn(self.norm1(tokens))
        return tokens + self.mlp(self.norm2(tokens))


class PatchEmbedding(nn.Module):
    """Cuts images into patches and maps each to D numbers."""

    def __init__(self, channels: int, patch: int, dimensions: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(channels, dimensions, patch, patch)

    def forward(self, images: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, D, H / patch, W / patch)."""
        return self.proj(images)


def begin(network: nn.Module) -> None:
    """Starting weights as in MAE: Xavier's for linear layers and patches, biases zero."""
    for layer in network.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            nn.init.xavier_uniform_(layer.weight.flatten(1))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


class VisionTransformer(nn.Module):
    """A Vision Transformer without a class token.

    Images whose side is no multiple of the patch (local crops of 18 px) are enlarged to the next
    one.

    Args:
        channels: of the images.
        image_size: side of a training image in pixels; with it goes the patch, see
            :func:`patch_size`.
        dimensions: D of a token.
        depth: blocks.
        count: attention heads; must divide D.
    """

    def __init__(
        self, channels: int, image_size: int, dimensions: int, depth: int, count: int
    ) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.patch = patch_size(image_size)
        side = math.ceil(image_size / self.patch)
        self._trained = (side, side)
        self.patch_embed = PatchEmbedding(channels, self.patch, dimensions)
        self.blocks = nn.ModuleList(Block(dimensions, count) for _ in range(depth))
        self.norm = nn.LayerNorm(dimensions, eps=1e-6)
        begin(self)

    def grid(self, size: tuple[int, int]) -> tuple[int, int]:
        """Patches down and across for images of ``size`` (height, width)."""
        return math.ceil(size[0] / self.patch), math.ceil(size[1] / self.patch)

    def tokens(self, images: Tensor, keep: Tensor | None = None) -> Tensor:
        """What the network makes of each patch.

        Args:
            images: (B, C, H, W), normalised.
            keep: (B, K) int64 numbers of patches in reading order, at least one: only these go
                through the blocks and know of each other. None for all.

        Returns:
            (B, N, D), or (B, K, D) in the order of ``keep``.
        """
        tokens = self._embedded(images)
        if keep is not None:
            tokens = picked(tokens, keep)
        for block in self.blocks:
            tokens = block(tokens)
        return self.norm(tokens)

    def features(self, images: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, D, H / patch, W / patch), sides rounded up."""
        grid = self.grid((images.shape[-2], images.shape[-1]))
        return self.tokens(images).transpose(1, 2).unflatten(2, grid)

    def attention(self, images: Tensor) -> Tensor:
        """(B, heads, N, N): what patch i takes from patch j in the last block."""
        tokens = self._embedded(images)
        *before, last = self.blocks
        for block in before:
            tokens = block(tokens)
        assert isinstance(last, Block)
        return last.attn.weights(last.norm1(tokens))

    def _embedded(self, images: Tensor) -> Tensor:
        """Patches with their positions, (B, N, D)."""
        height, width = images.shape[-2:]
        grid = self.grid((height, width))
        whole = (grid[0] * self.patch, grid[1] * self.patch)
        if whole != (height, width):
            images = F.interpolate(images, whole, mode="bilinear", align_corners=False)
        tokens = self.patch_embed(images).flatten(2).transpose(1, 2)
        # Positions are float32, and so is what runs along the shortcuts under mixed precision.
        return tokens + positions(grid, self.dimensions, self._trained, tokens.device)


def picked(tokens: Tensor, numbers: Tensor) -> Tensor:
    """Some tokens of every image: (B, N, D) and (B, K) int64 -> (B, K, D)."""
    return tokens.gather(1, numbers[..., None].expand(-1, -1, tokens.shape[-1]))


def build(name: str, channels: int, image_size: int, width: int) -> VisionTransformer:
    """One of :data:`NAMES` with fresh weights; ``width`` matters to ``vit_mini`` alone.

    Args:
        name: which.
        channels: of the images.
        image_size: side of a training image in pixels.
        width: a quarter of the numbers of a token of ``vit_mini``.
    """
    if name == "vit_mini":
        return VisionTransformer(channels, image_size, 4 * width, 4, heads(4 * width, 32))
    dimensions = {"vit_tiny": 192, "vit_small": 384}[name]
    return VisionTransformer(channels, image_size, dimensions, 12, heads(dimensions, 64))
