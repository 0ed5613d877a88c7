"""Guess the visual words behind hidden patches, as language models guess missing words.

A vocabulary of K visual words is learned before training: k-means over patches of the training
images. Then blocks of patches are hidden, and for each hidden patch i a softmax over the whole
vocabulary says which word w_i was there:

    loss = mean over hidden patches i of  -log softmax(W f(masked image)_i)[w_i]

Paper: Bao, Dong, Piao and Wei 2021 (BEiT), https://arxiv.org/abs/2106.08254, after Devlin et al.
2018 (BERT), https://arxiv.org/abs/1810.04805

What to watch. The grid: the most likely word of every hidden patch beside the true one, painted as
the mean patch it stands for, and how sure the network is. Words of flat colour are learned first;
the loss has to fall below the entropy of the words' own frequencies (shown as a term) before the
image is used at all. The accuracy stays low with many words, since neighbouring words look alike.

Where our numbers differ. BEiT takes its 8192 words from a separately trained image tokenizer; ours
are k-means centres of pixels, so nothing but the folder is needed. A hidden patch is grey in the
picture itself, and every grey patch is embedded alike, which is what a learned mask token does. The
last of the hidden blocks is cut so that every image hides as many patches, and a block covers 8 to
20 % of the image, where algorithm 1 draws from 16 of 196 patches up to all that are still to be
hidden. BEiT's network has stochastic depth (0.1) and scales each block's output by learned numbers
(LayerScale); ours has neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from sslcore.augment.geometric import HorizontalFlip, RandomResizedCrop, whole
from sslcore.augment.masks import BlockwiseMask
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch, Sample
from sslcore.config import Config, knob
from sslcore.diagnostics import DiagnosticSpec, ImageGrid
from sslcore.losses import pictures
from sslcore.losses.precision import full_precision
from sslcore.method import Clock, DataFacts, Method, MethodCard, StepOutput, register
from sslcore.nets import patches, vit
from sslcore.nets.encoder import Encoder
from sslcore.nets.kmeans import assign, kmeans
from sslcore.nets.mode import evaluating
from sslcore.nets.patches import patchify, unpatchify

PATCHES_PER_WORD, MOST_PATCHES = 100, 2**17
"""Patches that the vocabulary is learned from."""


class MaskedTokensConfig(Config):
    """Settings of masked tokens."""

    words: int = knob(
        512,
        low=2,
        high=65536,
        log=True,
        unit="words",
        help="Size of the vocabulary. Few words are easy and coarse; with many, details count.",
        paper="8192",
    )
    mask_ratio: float = knob(
        0.4,
        low=0.05,
        high=0.95,
        help="Share of the patches that is hidden, in blocks.",
        paper="40 %",
    )


@register(
    MethodCard(
        title="Masked tokens",
        family="generative",
        mechanism="context",
        year=2021,
        paper="https://arxiv.org/abs/2106.08254",
        config=MaskedTokensConfig,
        needs="images",
        backbone="tokens",
        diagnostics=(
            DiagnosticSpec(
                "guesses",
                "image_grid",
                "Masked, most likely words, original",
                "What the network saw, the most likely and the true word of each hidden patch, the "
                "original, and how unsure the network is (white: every word equally likely).",
            ),
        ),
    )
)
class MaskedTokens(Method[MaskedTokensConfig]):
    """Masked image modelling over visual words."""

    coupled = False
    words: Tensor

    def __init__(self, config: MaskedTokensConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        self.scores = nn.Linear(encoder.dimensions, config.words)
        vit.begin(self.scores)
        values = encoder.patch**2 * encoder.channels
        self.register_buffer("words", torch.zeros(config.words, values))

    @classmethod
    def default_views(cls, config: MaskedTokensConfig, facts: DataFacts) -> ViewPlan:
        """A crop, ``whole``, and the same with blocks of patches behind grey, ``masked``."""
        size = facts.image_size
        crop = (RandomResizedCrop(scale_low=0.2), HorizontalFlip())
        mask = BlockwiseMask(patch=vit.patch_size(size), ratio=config.mask_ratio)
        return ViewPlan(
            views=(
                View(name="whole", size=size, steps=crop),
                View(name="masked", size=size, of="whole", steps=(mask,)),
            )
        )

    def prepare(self, samples: Iterable[Sample]) -> None:
        """Learn the vocabulary from some patches of every image."""
        generator = Generator().manual_seed(0)
        wanted = min(PATCHES_PER_WORD * self.config.words, MOST_PATCHES)
        each = math.ceil(wanted / max(self.facts.count, 1))
        found: list[Tensor] = []
        for sample in samples:
            images = whole(sample.image, self.facts.image_size).clamp_(0.0, 1.0)
            rows = patchify(images, self.online.patch)
            chosen = torch.rand(rows.shape[:2], generator=generator).argsort(1)[:, :each]
            found.append(vit.picked(rows, chosen).flatten(0, 1))
        points = torch.cat(found)
        points = points[torch.randperm(len(points), generator=generator)[:wanted]]
        # In a tiny folder there are fewer patches than words; words that coincide are never used.
        repeats = math.ceil(self.config.words / len(points))
        self.words.copy_(kmeans(points.repeat(repeats, 1), self.config.words, generator))

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """A score for each of K words at each of M hidden patches: ``scores`` (B, M, K)."""
        return {"scores": self._scores(batch)}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Cross-entropy with the true words."""
        scores = projected["scores"]
        hidden = self._hidden_words(batch)
        loss = word_loss(scores, hidden).mean()
        guesses = scores.detach().argmax(-1)
        return StepOutput(
            loss=loss,
            terms={
                "cross-entropy": loss.detach(),
                "accuracy": (guesses == hidden).float().mean(),
                "entropy of the words": frequency_entropy(hidden),
            },
            diagnostics={"guesses": self._grid(scores, batch)} if clock.snapshot else {},
        )

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, D): there is no head."""
        return features

    def energy(self, batch: Batch) -> Tensor:
        """(B,) cross-entropy of the hidden words, averaged over copies."""
        with evaluating(self):
            error = word_loss(self._scores(batch), self._hidden_words(batch))
            return error.unflatten(0, (len(batch), -1)).flatten(1).mean(1)

    def constants(self) -> Mapping[str, float]:
        """Every word equally likely: ln K."""
        return {"ln(words)": math.log(self.config.words)}

    def _asked(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Whole images, one for every mask, and masks (B, N) that are true where hidden."""
        return patches.masked(batch, "masked", BlockwiseMask().kind, self.online.patch)

    def _scores(self, batch: Batch) -> Tensor:
        hidden = patches.numbers(self._asked(batch)[1])
        return self.scores(vit.picked(self.online.tokens(batch.view("masked")), hidden))

    def _words(self, images: Tensor) -> Tensor:
        """Words of all patches of images, (B, N) int64."""
        rows = patchify(images, self.online.patch)
        words = full_precision(assign)(rows.flatten(0, 1), self.words)
        return words.unflatten(0, rows.shape[:2])

    def _hidden_words(self, batch: Batch) -> Tensor:
        """True words of the hidden patches, (B, M) int64."""
        images, mask = self._asked(batch)
        return self._words(images).gather(1, patches.numbers(mask))

    def _grid(self, scores: Tensor, batch: Batch) -> ImageGrid:
        shown = slice(0, pictures.COLUMNS_SHOWN)
        images, mask = (one[shown] for one in self._asked(batch))
        original = patchify(images, self.online.patch)
        where = mask[..., None].expand_as(original)
        guessed = scores.detach()[shown].float()
        unsure = _entropy(guessed.softmax(-1)) / math.log(self.config.words)
        grid = self.online.grid(images)

        def image(ground: Tensor, hidden: Tensor) -> Tensor:
            """Patches of a ground with others put where the mask is."""
            filled = ground.masked_scatter(where, hidden.to(ground.dtype))
            return unpatchify(filled, grid, images.shape[1])

        true_words = self._words(images)[mask].unflatten(0, guessed.shape[:2])
        rows = {
            "masked": batch.view("masked")[shown],
            "most likely words": image(original, self.words[guessed.argmax(-1)]),
            "true words": image(original, self.words[true_words]),
            "original": images,
            "unsure": image(
                torch.zeros_like(original), unsure[..., None].expand(-1, -1, original.shape[-1])
            ),
        }
        return ImageGrid(
            images=np.stack([pictures.pixels(one) for one in rows.values()]),
            rows=tuple(rows),
            ids=pictures.ids(batch, len(scores))[shown],
        )


@full_precision
def word_loss(scores: Tensor, words: Tensor) -> Tensor:
    """Cross-entropy of every hidden patch.

    Args:
        scores: (B, M, K).
        words: (B, M) int64 in 0..K - 1.

    Returns:
        (B, M) in nats.

    Raises:
        ValueError: if there is not one word for each row of scores.
    """
    if scores.shape[:-1] != words.shape:
        raise ValueError(
            f"scores {tuple(scores.shape)} need one word each, got {tuple(words.shape)}"
        )
    return F.cross_entropy(scores.flatten(0, -2), words.flatten(), reduction="none").view_as(words)


def frequency_entropy(words: Tensor) -> Tensor:
    """Entropy in nats of how often words occur: what guessing by frequency alone would cost.

    Args:
        words: int64 of any shape, not negative.

    Returns:
        Scalar float32.
    """
    counts = torch.bincount(words.flatten()).float()
    return _entropy(counts / counts.sum())


def _entropy(shares: Tensor) -> Tensor:
    """(..., K) shares that sum to 1 -> (...,) nats."""
    return -(shares * shares.clamp(min=1e-12).log()).sum(-1)
