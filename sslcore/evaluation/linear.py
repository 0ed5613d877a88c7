"""Linear evaluation: how well a linear classifier reads classes from frozen features.

Features are standardised (mean 0, deviation 1 per number over the bank); a softmax classifier with
an L2 penalty on its weights is then solved to convergence with L-BFGS (Liu and Nocedal 1989), not
trained for some epochs, so there is no learning rate to get wrong. It is solved on the principal
axes of the bank (of a part of it, if it is large), each scaled by how steep the loss is along it,
which changes nothing about the minimum but reaches it in a few dozen steps, also on pixels. How
strong the penalty is gets chosen on a part of the *bank*; the queries are touched once, at the end.
This is the protocol of Kornblith et al. 2019 (https://arxiv.org/abs/1805.08974) and CLIP (arXiv
2103.00020, A.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from sslcore.data.pool import raise_if_cancelled
from sslcore.evaluation.principal_axes import PrincipalAxes
from sslcore.evaluation.scores import Scores, class_count, kept_aside, labelled, scored
from sslcore.evaluation.vectors import Features, as_matrix

PENALTIES = tuple(float(10.0**power) for power in range(0, -8, -1))
"""Penalties tried unless others are given, the strongest first."""

SMALLEST_DEVIATION = 1e-6
"""Numbers that vary less than this over the bank are constant and stay unscaled."""

ITERATIONS = 300
"""Of L-BFGS at most; most fits take 10 to 50."""

_TOLERANCE = 1e-5


@dataclass(frozen=True, eq=False)
class LinearClassifier:
    """Scores that are linear in raw features, however they were found.

    Attributes:
        weight: (K, D) float32, on standardised features.
        bias: (K,) float32.
        mean, deviation: (D,) float32 of the bank.
    """

    weight: Tensor
    bias: Tensor
    mean: Tensor
    deviation: Tensor

    def scores(self, features: Features) -> Tensor:
        """(N, D) raw features -> (N, K) scores, on the device of the probe.

        Raises:
            ValueError: if features have another length than the bank's.
        """
        rows = as_matrix(features, "features").to(self.weight)
        if rows.shape[1] != self.weight.shape[1]:
            raise ValueError(
                f"features of {rows.shape[1]} numbers, the probe was fitted on "
                f"{self.weight.shape[1]}; embed both with the same encoder"
            )
        return (rows - self.mean) / self.deviation @ self.weight.T + self.bias


@dataclass(frozen=True, eq=False)
class LinearProbe(LinearClassifier):
    """A classifier solved to convergence.

    Attributes:
        penalty: lambda of the L2 term.
        iterations: of L-BFGS.
        converged: whether the gradient became small before iterations ran out.
    """

    penalty: float
    iterations: int
    converged: bool


def fit(
    features: Features,
    labels: Features,
    penalty: float,
    *,
    classes: int | None = None,
    start: LinearProbe | None = None,
    device: torch.device | str = "cpu",
    iterations: int = ITERATIONS,
) -> LinearProbe:
    """Minimise  mean_i -log softmax(W x_i + b)[y_i]  +  penalty / 2 * sum W^2  to convergence.

    The same as scikit-learn's LogisticRegression with C = 1 / (penalty N); biases are free there
    as well.

    Args:
        features: (N, D) raw features of labelled and unlabelled images.
        labels: (N,) class numbers; rows with a negative one take no part.
        penalty: lambda, at least 0.
        classes: K; by default one more than the largest label.
        start: a probe of the same bank to start from.
        device: where to compute.
        iterations: of L-BFGS at most.

    Raises:
        ValueError: for features that cannot be scored, fewer than two classes, or a penalty below
            0; the message says what can be done.
    """
    rows, truth = labelled(features, labels, "bank")
    bank = _Bank.of(rows, truth, class_count(truth, classes), device)
    return bank.solve(penalty, start, iterations)


@dataclass(frozen=True, eq=False)
class _Bank:
    """A bank made ready to be fitted with any penalty.

    Attributes:
        turned: standardised features with their principal axes.
        truth: (N,) class numbers.
        classes: K.
        mean, deviation: (D,) of the raw features.
    """

    turned: PrincipalAxes
    truth: Tensor
    classes: int
    mean: Tensor
    deviation: Tensor

    @classmethod
    def of(cls, rows: Tensor, truth: Tensor, classes: int, device: torch.device | str) -> _Bank:
        x = rows.to(device, torch.float32)
        mean = x.mean(0)
        centred = x - mean
        # Not std(): along the first of two dimensions it takes five times as long as this.
        deviation = centred.square().mean(0).sqrt()
        deviation = torch.where(deviation > SMALLEST_DEVIATION, deviation, 1.0)
        turned = PrincipalAxes.of(centred.div_(deviation))
        return cls(turned, truth.to(device), classes, mean, deviation)

    def solve(
        self, penalty: float, start: LinearProbe | None = None, iterations: int = ITERATIONS
    ) -> LinearProbe:
        """As :func:`fit` says."""
        if not penalty >= 0:
            raise ValueError(f"penalty = {penalty} must be at least 0")
        x = self.turned.rows
        # Curvature of the loss along an axis: its variance times p (1 - p), and the penalty.
        steepness = (self.classes - 1) / self.classes**2
        scale = (self.turned.variances * steepness + penalty).clamp(min=1e-8).rsqrt()
        bias_scale = steepness**-0.5
        if start is None:
            weight = x.new_zeros(self.classes, len(scale))
            bias = x.new_zeros(self.classes)
        else:
            weight = self.turned.onto(start.weight) / scale
            bias = start.bias / bias_scale
        weight.requires_grad_()
        bias.requires_grad_()
        optimiser = torch.optim.LBFGS(
            [weight, bias],
            max_iter=iterations,
            max_eval=2 * iterations,
            history_size=20,
            tolerance_grad=_TOLERANCE,
            tolerance_change=1e-9,
            line_search_fn="strong_wolfe",
        )

        def loss_of(weight: Tensor, bias: Tensor) -> Tensor:
            scores = F.linear(x, self.turned.on_rows(weight), bias)
            loss = F.cross_entropy(scores, self.truth)
            return loss + penalty / 2 * weight.square().sum()

        def closure() -> Tensor:
            optimiser.zero_grad()
            loss = loss_of(weight * scale, bias * bias_scale)
            loss.backward()
            return loss

        with torch.enable_grad():
            optimiser.step(closure)
            found = (weight * scale).detach().requires_grad_()
            shift = (bias * bias_scale).detach().requires_grad_()
            by_weight, by_bias = torch.autograd.grad(loss_of(found, shift), (found, shift))
        steepest = max(float(self.turned.back(by_weight).abs().max()), float(by_bias.abs().max()))
        return LinearProbe(
            self.turned.back(found.detach()),
            shift.detach(),
            self.mean,
            self.deviation,
            penalty,
            int(optimiser.state[weight]["n_iter"]),
            steepest <= 100 * _TOLERANCE,
        )


def chosen(
    features: Features,
    labels: Features,
    *,
    penalties: Sequence[float] = PENALTIES,
    validation: float = 0.15,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[LinearProbe, dict[float, float]]:
    """The probe whose penalty does best on a part of the bank, fitted again on the whole of it.

    Args:
        features: (N, D) bank.
        labels: (N,) class numbers, negative for none.
        penalties: to try; each starts from the solution of the one before.
        validation: part of every class that is kept aside for the choice.
        seed: of that part.
        device: where to compute.
        progress: told (fits done, fits in all).
        cancelled: asked before every fit.

    Returns:
        The probe, and the accuracy on the part kept aside by penalty. A bank too small to keep
        anything aside (one image per class) takes the strongest penalty; the table is then empty.

    Raises:
        ValueError: as :func:`fit`.
        Cancelled: if called off.
    """
    rows, truth = labelled(features, labels, "bank")
    count = int(truth.max()) + 1
    aside = kept_aside(truth, validation, seed)
    tried = list(penalties) if bool(aside.any()) and len(penalties) > 1 else []
    total = len(tried) + 1
    found: dict[float, float] = {}
    probes: dict[float, LinearProbe] = {}
    probe: LinearProbe | None = None
    bank = _Bank.of(rows[~aside], truth[~aside], count, device) if tried else None
    for number, penalty in enumerate(tried):
        raise_if_cancelled(cancelled)
        assert bank is not None  # there are penalties to try
        probe = probes[penalty] = bank.solve(penalty, probe)
        found[penalty] = measure(probe, rows[aside], truth[aside]).top_1
        if progress is not None:
            progress(number + 1, total)
    raise_if_cancelled(cancelled)
    # Of equally good penalties the strongest is the safest; dictionaries keep its place in front.
    best = max(found, key=lambda one: found[one]) if found else penalties[0]
    # The part and the whole have nearly the same minimum: from there it is a few steps.
    final = _Bank.of(rows, truth, class_count(truth), device).solve(best, probes.get(best))
    if progress is not None:
        progress(total, total)
    return final, found


def at_an_end(tried: Mapping[float, float], penalty: float) -> str:
    """Of a penalty that was chosen: "weakest" or "strongest" if one beyond might do better.

    Args:
        tried: accuracy by penalty, as :func:`chosen` gives it.
        penalty: the one that was taken.

    Returns:
        "" for one in between, for one that did no better than its neighbour, and where nothing was
        tried.
    """
    order = sorted(tried)
    for end, beside, word in ((0, 1, "weakest"), (-1, -2, "strongest")):
        if len(order) > 1 and penalty == order[end] and tried[penalty] > tried[order[beside]]:
            return word
    return ""


def measure(probe: LinearClassifier, features: Features, labels: Features) -> Scores:
    """How a probe does on queries.

    Args:
        probe: the classifier.
        features: (N, D) raw features.
        labels: (N,) class numbers; queries with a negative one are not asked. A class the probe
            never saw counts as not found.

    Raises:
        ValueError: if no query has a label or features do not fit the probe.
    """
    return scored(probe.scores(features), labels)
