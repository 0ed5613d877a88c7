"""A small Transformer that reads sentences of word numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PADDING = 0
"""Number that stands for no word."""


class TextEncoder(nn.Module):
    """Word numbers to one vector per sentence.

    A learned vector stands before the words and reads all of them; what becomes of it is the
    sentence. It is never masked, so a sentence without any word has a finite vector too.

    Args:
        words: numbers there are, padding counted.
        context: words of a sentence at most; longer ones are cut.
        width: of the network, a multiple of ``heads``.
        layers: Transformer layers.
        heads: of the attention.

    Raises:
        ValueError: if the width is no multiple of the heads.
    """

    def __init__(self, words: int, context: int, width: int, layers: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width = {width} is no multiple of heads = {heads}")
        self.dimensions = width
        self.context = context
        self.words = nn.Embedding(words, width)
        self.reader = nn.Parameter(torch.empty(1, 1, width))
        self.positions = nn.Parameter(torch.empty(1, 1 + context, width))
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        nn.init.normal_(self.words.weight, std=0.02)
        nn.init.normal_(self.reader, std=0.02)
        nn.init.normal_(self.positions, std=0.01)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, L) int64 -> (B, width); padding is not looked at.

        Raises:
            ValueError: if a number is beyond the vocabulary.
        """
        tokens = tokens[:, : self.context]
        known = self.words.num_embeddings
        if tokens.numel() and not 0 <= int(tokens.min()) <= int(tokens.max()) < known:
            raise ValueError(
                f"word numbers run to {int(tokens.max())}, but the vocabulary has {known}"
            )
        read = torch.cat((self.reader.expand(len(tokens), -1, -1), self.words(tokens)), 1)
        read = read + self.positions[:, : read.shape[1]]
        blank = F.pad(tokens == PADDING, (1, 0))  # the reader itself is never blank
        return self.norm(self.layers(read, src_key_padding_mask=blank)[:, 0])
