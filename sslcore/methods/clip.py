"""An image and its caption should be more alike than either is to any other of the batch.

An image encoder and a text encoder, each followed by a linear map, give unit vectors x_i and t_i.
With a learned scale s (the inverse of a temperature, at most 100):

    loss = 1/2 mean_i -log softmax_k(s x_i . t_k)_i   +   1/2 mean_i -log softmax_k(s t_i . x_k)_i

For each image find its caption among B, and for each caption its image. Afterwards any sentence can
be compared with any image: that is search by words, and classification without a single label.

Paper: Radford, Kim, Hallacy et al. 2021, https://arxiv.org/abs/2103.00020

What to watch. The image-text matrix should show a bright diagonal; bright cells beside it are
captions that fit another image as well, and where captions repeat word for word the loss cannot
reach 0. ln B - loss bounds from below what image and caption tell of each other. The scale rises as
the encoders grow sure; at 100 it is held.

Where our numbers differ. The paper trains on 400 million pairs in batches of 32,768 with a
vocabulary of 49,152 byte pairs and a 12-layer Transformer of width 512. Here words are those of the
training captions, the Transformer is small and reads in both directions (the paper's looks back
only), and crops keep at least half of the image, since a caption speaks of all of it. The vector of
an image is the mean over its places; the paper's ResNets pool by attention, its transformers take
the class token. No flip: "left" would lie.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.geometric import RandomResizedCrop
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config, ConfigError, knob
from sslcore.data.captions import Vocabulary
from sslcore.diagnostics import Diagnostic, DiagnosticSpec, heatmap
from sslcore.losses import agreement, contrastive, pictures
from sslcore.losses.agreement import l2
from sslcore.losses.precision import full_precision
from sslcore.method import (
    Clock,
    DataFacts,
    Method,
    MethodCard,
    ParameterGroup,
    StepOutput,
    register,
)
from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating
from sslcore.nets.text import TextEncoder

LARGEST_SCALE = 100.0
"""What the learned scale is held at."""


class ClipConfig(Config):
    """Settings of CLIP."""

    temperature: float = knob(
        0.07,
        low=0.01,
        high=10.0,
        log=True,
        help="Where the learned temperature begins: how sharply near misses are punished.",
        paper="τ = 0.07 at the start, learned",
    )
    head_output: int = knob(
        128,
        low=2,
        high=4096,
        log=True,
        help="Length of the vectors in which image and text meet.",
        paper="512",
    )
    text_width: int = knob(
        128, low=8, high=4096, log=True, help="Width of the text encoder; a multiple of its heads."
    )
    text_layers: int = knob(
        2, low=1, high=24, help="Transformer layers of the text encoder.", paper="12"
    )
    text_heads: int = knob(
        4, low=1, high=32, help="Attention heads of the text encoder.", paper="8"
    )
    context: int = knob(
        77, low=1, high=1024, unit="words", help="Longer captions are cut.", paper="76"
    )


@full_precision
def symmetric_cross_entropy(x: Tensor, t: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """The two halves of CLIP's loss: find the caption of each image, and the image of each caption.

    Args:
        x: (B, d) images, raw.
        t: (B, d) captions, raw, row i the one of image i.
        scale: scalar, factor of the cosines.

    Returns:
        Two scalars, each to be weighed by one half.

    Raises:
        ValueError: if shapes differ or there are fewer than two pairs.
    """
    agreement.check_pairs(x, t, fewest=2)
    logits = scale * l2(x) @ l2(t).to(x.dtype).T
    own = torch.arange(len(x), device=x.device)
    return F.cross_entropy(logits, own), F.cross_entropy(logits.T, own)


@register(
    MethodCard(
        title="CLIP",
        family="contrastive",
        mechanism="contrastive",
        year=2021,
        paper="https://arxiv.org/abs/2103.00020",
        config=ClipConfig,
        needs="captions",
        backbone="vector",
        against_collapse="its negatives, the other pairs of the batch (schedule.batch_size)",
        diagnostics=(
            DiagnosticSpec(
                "image_text",
                "heatmap",
                "Images and captions",
                "Cosine of every image (rows) with every caption (columns). The diagonal are the "
                "true pairs. Bright cells elsewhere are captions that seem to fit as well.",
            ),
            DiagnosticSpec(
                "cosines",
                "histogram",
                "True and other captions",
                "Cosines of images with their own caption and with those of others. The further "
                "apart, the better.",
            ),
        ),
    )
)
class Clip(Method[ClipConfig]):
    """CLIP: images and sentences in one space."""

    def __init__(self, config: ClipConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        agreement.check_batch(facts.batch_size)
        if config.text_width % config.text_heads:
            raise ConfigError(
                f"method.text_width = {config.text_width}: must be a multiple of text_heads = "
                f"{config.text_heads}"
            )
        self.text = TextEncoder(
            max(facts.vocabulary_size, 2),  # padding and unknown are there without any caption
            config.context,
            config.text_width,
            config.text_layers,
            config.text_heads,
        )
        self.image_head = nn.Linear(encoder.dimensions, config.head_output, bias=False)
        self.text_head = nn.Linear(self.text.dimensions, config.head_output, bias=False)
        self.log_scale = nn.Parameter(torch.tensor(-math.log(config.temperature)))

    @classmethod
    def default_views(cls, config: ClipConfig, facts: DataFacts) -> ViewPlan:
        """One crop of the larger part of each image."""
        steps = (RandomResizedCrop(scale_low=0.5),)
        return ViewPlan(views=(View(name="image", size=facts.image_size, steps=steps),))

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Image and caption in the common space: ``z_a``, ``z_b`` (B copies, d)."""
        images = batch.view("image")
        captions = self._sentences(_tokens(batch))
        return {
            "z_a": self.projection(self.online(images)),
            "z_b": captions.repeat_interleave(len(images) // len(captions), 0),
        }

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Both directions of the contrast."""
        x, t = projected["z_a"], projected["z_b"]
        scale = self.log_scale.exp()
        to_text, to_image = symmetric_cross_entropy(x, t, scale)
        loss = (to_text + to_image) / 2
        cosines = l2(x.detach()) @ l2(t.detach()).T
        own = torch.arange(len(x), device=x.device)
        return StepOutput(
            loss=loss,
            terms={
                "image to text": to_text.detach(),
                "text to image": to_image.detach(),
                "bound": contrastive.mutual_information_bound(loss, len(x)),
                "accuracy": (cosines.argmax(1) == own).float().mean(),
                "scale": scale.detach(),
            },
            diagnostics=_pictures(cosines, batch) if clock.snapshot else {},
            tensors={"z_a": x.detach(), "z_b": t.detach()},
        )

    def after_step(self, tensors: Mapping[str, Tensor], clock: Clock) -> None:
        """Hold the scale at 100."""
        with torch.no_grad():
            self.log_scale.clamp_(max=math.log(LARGEST_SCALE))

    def parameter_groups(self) -> list[ParameterGroup]:
        """The scale is no weight: nothing pulls it towards zero."""
        rest = [one for name, one in self.named_parameters() if name != "log_scale"]
        return [
            ParameterGroup("encoders", [one for one in rest if one.requires_grad]),
            ParameterGroup("scale", [self.log_scale], decays=False),
        ]

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, d) where image and text meet."""
        return self.image_head(features)

    def energy(self, batch: Batch) -> Tensor:
        """(B,) 1 - cosine of image and caption, averaged over copies."""
        with evaluating(self):
            projected = self.projection(self.online(batch.view("image")))
            captions = self._sentences(_tokens(batch))
            each = len(projected) // len(captions)
            apart = agreement.energy(projected, captions.repeat_interleave(each, 0))
            return apart.unflatten(0, (len(batch), -1)).mean(1)

    def constants(self) -> Mapping[str, float]:
        """Every caption of the batch equally likely: ln B."""
        return {"ln B": math.log(self.facts.batch_size)}

    def ceilings(self, plan: ViewPlan) -> Mapping[str, float]:
        """The log of B: the own caption is told from all of the batch."""
        return {"bound": math.log(self.batch_rows(plan, "image"))}

    def embed_sentences(self, sentences: Sequence[str]) -> Tensor:
        """(N, d) unit vectors of sentences.

        Their products with ``l2(embed(images, "projection"))`` are cosines. Words that the training
        captions did not have are read as one unknown word.

        Raises:
            ConfigError: if no vocabulary was saved with the run.
        """
        if not self.facts.vocabulary:
            raise ConfigError("this run has no vocabulary; train CLIP on images with captions")
        tokens = Vocabulary(self.facts.vocabulary).tokens(sentences, self.config.context)
        with evaluating(self):
            return l2(self._sentences(tokens.to(self.log_scale.device)).float())

    def longest_sentence(self) -> int:
        """Words of a sentence that are read: the context of the text encoder."""
        return self.text.context

    def _sentences(self, tokens: Tensor) -> Tensor:
        return self.text_head(self.text(tokens))


def _tokens(batch: Batch) -> Tensor:
    if batch.tokens is None:
        raise ConfigError("clip needs captions; this folder has images only")
    return batch.tokens


def _pictures(cosines: Tensor, batch: Batch) -> dict[str, Diagnostic]:
    shown = slice(0, pictures.ROWS_SHOWN)
    rows = pictures.ids(batch, len(cosines))[shown]
    other = ~torch.eye(len(cosines), dtype=torch.bool, device=cosines.device)
    return {
        "image_text": heatmap(
            pictures.array(cosines[shown, shown]),
            row_label="image",
            column_label="caption of image",
            row_ids=rows,
            column_ids=rows,
        ),
        "cosines": pictures.cosine_histogram(cosines.diagonal(), cosines[other]),
    }
