"""A narrow transformer that completes: from some patches of an image to what lies elsewhere.

The decoder of MAE (https://arxiv.org/abs/2111.06377) and the predictor of I-JEPA
(https://arxiv.org/abs/2301.08243) are this network with another layer behind it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sslcore.nets import vit


class Completion(nn.Module):
    """Looks at tokens of patches that were seen, and at one and the same token for each wanted one.

    A wanted patch is known by its place alone: positions are added to both.

    Args:
        inputs: D, length of a token from the encoder.
        width: of the tokens inside, and of what comes out.
        depth: blocks.
    """

    def __init__(self, inputs: int, width: int, depth: int) -> None:
        super().__init__()
        self.width = width
        self.embed = nn.Linear(inputs, width)
        count = vit.heads(width, 32)
        self.blocks = nn.ModuleList(vit.Block(width, count) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.mask_token = nn.Parameter(torch.empty(width))  # one axis: weight decay leaves it alone
        vit.begin(self)
        nn.init.normal_(self.mask_token, std=0.02)

    def forward(
        self, tokens: Tensor, seen: Tensor, wanted: Tensor, grid: tuple[int, int]
    ) -> Tensor:
        """Tokens for the wanted patches.

        Args:
            tokens: (B, K, D) of the patches that were seen.
            seen: (B, K) int64, which these are, in reading order of the grid.
            wanted: (B, M) int64, which are asked for.
            grid: patches down and across.

        Returns:
            (B, M, width).
        """
        places = vit.positions(grid, self.width, device=tokens.device)
        known = self.embed(tokens) + places[seen]
        joint = torch.cat([known, self.mask_token + places[wanted]], 1)
        for block in self.blocks:
            joint = block(joint)
        return self.norm(joint[:, seen.shape[1] :])
