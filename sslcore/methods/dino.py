"""A student learns from crops what its teacher, its own moving average, says of the whole.

Student and teacher map every crop to K numbers. The teacher sees the two large crops only; its
answer is centred (so that no output wins everywhere) and sharpened (so that not all win equally):

    p_t = softmax((g_t - c) / T_t),     p_s = softmax(g_s / T_s)
    loss = mean over large crops t and other crops s of  -sum_k p_t[k] log p_s[k]
    after every step:  theta_t <- m theta_t + (1 - m) theta_s,   c <- m_c c + (1 - m_c) mean(g_t)

No negatives, no labels: centring alone collapses to equal answers, sharpening alone to one answer;
together they hold each other in balance.

Paper: Caron, Touvron, Misra, Jegou, Mairal, Bojanowski and Joulin 2021,
https://arxiv.org/abs/2104.14294

What to watch. The loss is the *teacher's entropy* plus the *divergence* of the student from it. An
entropy at ln K with a divergence of 0 is the collapse to equal answers (make the teacher sharper);
an entropy of 0 is the collapse to one answer (slower centring, softer teacher). With a Vision
Transformer the attention of the last block often outlines things; other networks show where their
last feature map is strongest.

Where our numbers differ. The paper has K = 65536 for a million images; below 20,000 images 1024 are
enough. Its head ends in a weight-normalised layer of fixed length, ours is the same written as a
cosine. Our Vision Transformers average their patches instead of having a class token. The paper
warms the teacher's temperature up over 30 of 100 to 800 epochs; so do we, where the two differ. The
authors' code blurs the first large crop always and the second one time in ten, and solarizes the
second one time in five; ours blurs every crop half of the time (from 64 px on) and solarizes none,
since both are copies of one view. It clips the gradient of every tensor at 3, ours that of all
together; it drops a tenth of the student's blocks at random (stochastic depth), ours none. The
length of its last layer's rows may be learned (`norm_last_layer` off, for small ViTs); ours is 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sslcore.augment.view import ViewPlan
from sslcore.batch import Batch
from sslcore.config import knob
from sslcore.diagnostics import Curve, Diagnostic, DiagnosticSpec, ImageGrid
from sslcore.losses import agreement, pictures
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
from sslcore.multi_crop import MultiCropConfig
from sslcore.nets import ema
from sslcore.nets.encoder import Encoder
from sslcore.nets.mode import evaluating


class DinoConfig(MultiCropConfig):
    """Settings of DINO."""

    outputs: int = knob(
        1024,
        low=2,
        high=131_072,
        log=True,
        help="K, how many answers there are. More for more images.",
        paper="K = 65536",
    )
    student_temperature: float = knob(
        0.1, low=0.01, high=10.0, log=True, help="How sharp the student is.", paper="τ_s = 0.1"
    )
    teacher_temperature: float = knob(
        0.04,
        low=0.01,
        high=10.0,
        log=True,
        help="How sharp the teacher is in the end; must be sharper than the student.",
        paper="τ_t = 0.04 to 0.07",
    )
    teacher_temperature_start: float = knob(
        0.04,
        low=0.01,
        high=10.0,
        log=True,
        help="How sharp the teacher is at first.",
        paper="0.04",
    )
    temperature_warmup: float = knob(
        0.3,
        low=0.0,
        high=1.0,
        help="Part of the run in which the teacher goes from its first to its last temperature.",
        paper="30 of 100 epochs",
    )
    momentum: float = knob(
        0.99,
        low=0.0,
        high=1.0,
        help="How slowly the teacher follows at first; it rises to 1 on a cosine. Long runs go "
        "nearer to 1.",
        paper="m = 0.996",
    )
    centre_momentum: float = knob(
        0.9, low=0.0, high=0.9999, help="How slowly the centre moves.", paper="0.9"
    )
    freeze_last: float = knob(
        1.0,
        low=0.0,
        high=10_000.0,
        unit="epochs",
        help="How long the last layer stays as it was drawn.",
        paper="1 epoch",
    )
    head_hidden: int = knob(
        512, low=8, high=16384, log=True, help="Width inside the head.", paper="2048"
    )
    head_output: int = knob(
        128, low=2, high=16384, log=True, help="Length of a projection.", paper="256"
    )


@full_precision
def distillation(
    student: Tensor,
    teacher: Tensor,
    centre: Tensor,
    student_temperature: float,
    teacher_temperature: float,
) -> Tensor:
    """Cross-entropy of the student's answers with the teacher's, which gets no gradient.

    Source: DINO, equation 2 and algorithm 1, https://arxiv.org/abs/2104.14294.

    Args:
        student: (B, K) raw answers of one crop.
        teacher: (B, K) raw answers to another crop of the same images.
        centre: (K,) subtracted from the teacher.
        student_temperature: T_s > 0.
        teacher_temperature: T_t > 0.

    Returns:
        (B,) in nats.

    Raises:
        ValueError: if shapes do not fit or a temperature is not positive.
    """
    if student.shape != teacher.shape or student.dim() != 2:
        raise ValueError(
            f"student {tuple(student.shape)} and teacher {tuple(teacher.shape)} must be (B, K)"
        )
    answers = sharpened(teacher, centre, teacher_temperature)
    if not student_temperature > 0:
        raise ValueError(f"student_temperature = {student_temperature} must be positive")
    return -(answers * F.log_softmax(student / student_temperature, -1)).sum(-1)


@full_precision
def sharpened(teacher: Tensor, centre: Tensor, temperature: float) -> Tensor:
    """(..., K) raw answers and (K,) centre -> (..., K) probabilities without a gradient."""
    if not temperature > 0:
        raise ValueError(f"teacher_temperature = {temperature} must be positive")
    return ((teacher.detach() - centre) / temperature).softmax(-1)


class DinoHead(nn.Module):
    """Three layers to a unit vector, and its cosines with K directions.

    Args:
        inputs: D, length of a feature vector.
        hidden: width of the layers between.
        length: of the unit vector.
        outputs: K.
    """

    def __init__(self, inputs: int, hidden: int, length: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(inputs, hidden),
            nn.GELU(),
            nn.Linear(hidden, hidden),
            nn.GELU(),
            nn.Linear(hidden, length),
        )
        self.last = nn.Linear(length, outputs, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, K) cosines."""
        return self.answers(self.layers(features))

    @full_precision
    def answers(self, z: Tensor) -> Tensor:
        """(B, d) raw projections -> (B, K) cosines."""
        return F.linear(agreement.l2(z), agreement.l2(self.last.weight.to(z.dtype)))


@register(
    MethodCard(
        title="DINO",
        family="bootstrapping",
        mechanism="contrastive",
        year=2021,
        paper="https://arxiv.org/abs/2104.14294",
        config=DinoConfig,
        needs="images",
        backbone="vector",
        against_collapse="the centre and the sharp answers of its teacher (teacher_temperature)",
        diagnostics=(
            DiagnosticSpec(
                "attention",
                "image_grid",
                "Where the teacher looks",
                "Large crops, and how much the teacher takes from each place: attention of a "
                "Vision Transformer's last block, or the strength of another network's last map.",
            ),
            DiagnosticSpec(
                "answers",
                "curve",
                "How evenly answers are used",
                "Mean probability of each of the K answers of the teacher in this step, the most "
                "used first. One tall answer is one collapse, the dashed line the other.",
            ),
        ),
    )
)
class Dino(Method[DinoConfig]):
    """DINO: self-distillation from a centred and sharpened momentum teacher."""

    centre: Tensor

    def __init__(self, config: DinoConfig, encoder: Encoder, facts: DataFacts) -> None:
        super().__init__(config, encoder, facts)
        self.head = DinoHead(
            encoder.dimensions, config.head_hidden, config.head_output, config.outputs
        )
        self.teacher = ema.follower(encoder)
        self.teacher_head = ema.follower(self.head)
        self.register_buffer("centre", torch.zeros(config.outputs))

    @classmethod
    def default_views(cls, config: DinoConfig, facts: DataFacts) -> ViewPlan:
        """Two large crops and several small ones, all with jitter, grey and flips."""
        return config.views(facts)

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        """Answers of the student to all crops, of the teacher to large ones: (B, V, K) each."""
        answers = {
            name: self.head(self.online(batch.view(name))).unflatten(0, (len(batch), -1))
            for name in batch.views
        }
        with torch.no_grad():
            large = self.teacher_head(self.teacher(batch.view("global")))
        return {**answers, "teacher": large.unflatten(0, (len(batch), -1))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        """Every large crop as the teacher sees it, against every other as the student does."""
        config, teacher = self.config, projected["teacher"].detach()
        crops = [projected[name] for name in ("global", "local") if name in projected]
        student = torch.cat(crops, 1)  # B x V x K, large crops first
        temperature = self.teacher_temperature(clock)
        losses = [
            distillation(
                student[:, crop],
                teacher[:, large],
                self.centre,
                config.student_temperature,
                temperature,
            ).mean()
            for large in range(teacher.shape[1])
            for crop in range(student.shape[1])
            if crop != large
        ]
        loss = torch.stack(losses).mean()
        answers = sharpened(teacher, self.centre, temperature)
        entropy = -(answers * answers.clamp(min=1e-12).log()).sum(-1).mean()
        return StepOutput(
            loss=loss,
            terms={"teacher entropy": entropy, "divergence": loss.detach() - entropy},
            diagnostics=self._pictures(answers, batch) if clock.snapshot else {},
            tensors={"teacher": teacher.mean(1)},
        )

    def teacher_temperature(self, clock: Clock) -> float:
        """The teacher's temperature at this point of the run: a straight line, then constant."""
        first, last = self.config.teacher_temperature_start, self.config.teacher_temperature
        span = self.config.temperature_warmup
        return last if clock.progress >= span else first + (last - first) * clock.progress / span

    def after_step(self, tensors: Mapping[str, Tensor], clock: Clock) -> None:
        """The teacher follows the student, more and more slowly; the centre follows the answers."""
        momentum = ema.rising(self.config.momentum, clock.progress)
        ema.update(self.teacher, self.online, momentum)
        ema.update(self.teacher_head, self.head, momentum)
        mean = tensors["teacher"].mean(0).to(self.centre)
        self.centre = self.centre.lerp(mean, 1.0 - self.config.centre_momentum)

    def parameter_groups(self) -> list[ParameterGroup]:
        """The last layer stays put at first, which keeps early targets still."""
        others = [*self.online.parameters(), *self.head.layers.parameters()]
        return [
            ParameterGroup("encoder and head", [one for one in others if one.requires_grad]),
            ParameterGroup(
                "last layer",
                list(self.head.last.parameters()),
                frozen_epochs=self.config.freeze_last,
            ),
        ]

    def encoder(self) -> Encoder:
        """The teacher, which the paper finds better than the student all along."""
        return self.teacher

    def projection(self, features: Tensor) -> Tensor:
        """(B, D) -> (B, d): what the teacher's head compares with its K directions."""
        return self.teacher_head.layers(features)

    def energy(self, batch: Batch) -> Tensor:
        """(B,) how far the answers to the two large crops are apart: 1 - their overlap."""
        with torch.no_grad():
            z = self.embed(batch.view("global"), "projection")
            raw = self.teacher_head.answers(z).unflatten(0, (len(batch), -1))
            answers = sharpened(raw, self.centre, self.config.teacher_temperature)
            return 1.0 - torch.minimum(answers[:, 0], answers[:, -1]).sum(-1)

    def constants(self) -> Mapping[str, float]:
        """What equal answers of teacher and student cost: ln K."""
        return {"ln K (all answers alike)": math.log(self.config.outputs)}

    def _pictures(self, answers: Tensor, batch: Batch) -> dict[str, Diagnostic]:
        shown = min(len(batch), pictures.COLUMNS_SHOWN)
        crops = batch.views["global"][:shown, 0]
        with evaluating(self):
            looked = self._looked(crops)[:, None]
        looked = F.interpolate(looked.float(), crops.shape[-2:], mode="nearest")
        brightest = looked.amax((1, 2, 3), keepdim=True).clamp(min=1e-12)
        ordered = pictures.array(answers.flatten(0, 1).mean(0).sort(descending=True).values)
        return {
            "attention": ImageGrid(
                images=np.stack([pictures.pixels(crops), pictures.pixels(looked / brightest)]),
                rows=("large crop", "looked at"),
                ids=pictures.ids(batch, len(batch))[:shown],
            ),
            "answers": Curve(
                x=np.arange(1, len(ordered) + 1, dtype=np.float32),
                lines={"teacher": np.maximum(ordered, 1e-8)},
                x_axis="answers, most used first",
                y_axis="mean probability",
                log=True,
                marks={"all alike": 1.0 / len(ordered)},
            ),
        }

    def _looked(self, images: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, h, w): how much the teacher takes from each place."""
        if self.teacher.works_on_patches:
            return self.teacher.attention(images).mean(1)
        return self.teacher.feature_map(images).square().mean(1).sqrt()
