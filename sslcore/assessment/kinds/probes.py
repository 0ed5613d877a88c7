"""What a small network reads from frozen features, and what the papers' own probe reads.

Beside the straight cut of the linear evaluation stands an MLP with one hidden layer (AMDIM,
https://arxiv.org/abs/1906.00910): where it is much better, the classes are there but folded up.
With ``crops`` the probe that papers train is added: a linear classifier moved by SGD over random
crops, the encoder frozen (MoCo, https://arxiv.org/abs/1911.05722). It is slow, because every step
embeds new crops, and is here to be compared with published figures. Rates, decays and penalties are
chosen on a part of the training split; the held-out split is asked once.
"""

from __future__ import annotations

from sslcore.assessment.contract import Finding, Plain, assessment, percent
from sslcore.assessment.solved import solved
from sslcore.assessment.subject import PIXELS, TRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob
from sslcore.evaluation import linear, mlp_probe, sgd_probe
from sslcore.evaluation.scores import Scores

TITLES = {"linear": "Linear, exact", "mlp": "MLP", "sgd": "Linear, SGD on crops"}


class ProbesConfig(Config):
    """Settings of the probes."""

    steps: int = knob(
        1000, low=1, high=1_000_000, log=True, unit="steps", help="Of the training of an MLP."
    )
    hidden: int = knob(
        1024, low=1, high=65_536, log=True, unit="units", help="Width of its hidden layer."
    )
    dropout: float = knob(0.2, low=0.0, high=0.9, help="Share that is left out while it trains.")
    crops: bool = knob(
        False,
        title="SGD on crops",
        help="Also train the papers' linear probe with SGD on random crops. Takes longest.",
    )
    epochs: float = knob(
        20.0,
        low=0.1,
        high=1000.0,
        unit="epochs",
        help="Passes of that probe over the images.",
        paper="90 to 100",
    )
    validation: float = knob(
        0.15, low=0.05, high=0.5, help="Part of the training split on which settings are chosen."
    )
    seed: int = knob(0, low=0, high=2**31 - 1, help="Of that part, weights, order and crops.")


class ProbeScores(Plain):
    """One probe of one encoder.

    Attributes:
        top_1, top_5: part of the held-out images.
        choice: the setting that was chosen, in words.
    """

    top_1: float
    top_5: float
    choice: str


class ProbesFinding(Finding):
    """Every probe of every encoder.

    Attributes:
        scores: probe ("linear", "mlp", "sgd") -> name of the encoder -> what it reaches.
        asked: held-out images with a label.
    """

    scores: dict[str, dict[str, ProbeScores]]
    asked: int

    def headline(self) -> str:
        """Top-1 accuracy of the MLP on the trained encoder."""
        return percent(self.scores["mlp"][TRAINED].top_1)

    def lines(self) -> list[str]:
        """A block a probe, a row an encoder."""
        found: list[str] = []
        for probe, scores in self.scores.items():
            found.append(f"{TITLES[probe]:<24}{'top 1':>9}{'top 5':>9}  setting")
            found += [
                f"  {name:<22}{one.top_1:>9.1%}{one.top_5:>9.1%}  {one.choice}"
                for name, one in scores.items()
            ]
        return found


@assessment(
    title="Probes",
    order=25,
    config=ProbesConfig,
    finding=ProbesFinding,
    needs_labels=True,
)
def measure(subject: Subject, config: ProbesConfig, watch: Watch) -> ProbesFinding:
    """Every probe of every encoder (pixels are left out: they are wide, and known to be poor)."""
    found: dict[str, dict[str, ProbeScores]] = {"linear": {}, "mlp": {}}
    if config.crops:
        found["sgd"] = {}
    for name in subject.encoders:
        if name == PIXELS:
            continue
        found["linear"][name] = _linear(subject, name, config, watch)
        found["mlp"][name] = _mlp(subject, name, config, watch)
        if config.crops:
            found["sgd"][name] = _sgd(subject, name, config, watch)
    return ProbesFinding(scores=found, asked=int((subject.labels.queries >= 0).sum()))


def _linear(subject: Subject, name: str, config: ProbesConfig, watch: Watch) -> ProbeScores:
    probe, scores, _ = solved(subject, name, config.validation, config.seed, watch)
    return _told(scores, f"penalty {probe.penalty:g}")


def _mlp(subject: Subject, name: str, config: ProbesConfig, watch: Watch) -> ProbeScores:
    parts, labels = subject.features(name), subject.labels
    probe = mlp_probe.chosen(
        parts.bank,
        labels.bank,
        training=mlp_probe.Training(
            steps=config.steps, hidden=config.hidden, dropout=config.dropout
        ),
        validation=config.validation,
        seed=config.seed,
        device=subject.device,
        progress=watch.stage(f"MLP, {name}"),
        cancelled=watch.cancelled,
    )
    scores = mlp_probe.measure(probe, parts.queries, labels.queries)
    chosen = probe.setting
    return _told(scores, f"rate {chosen.learning_rate:g}, decay {chosen.weight_decay:g}")


def _sgd(subject: Subject, name: str, config: ProbesConfig, watch: Watch) -> ProbeScores:
    labels = subject.labels
    probe = sgd_probe.chosen(
        subject.encode(name),
        subject.material.pixels,
        subject.bank,
        labels.bank,
        image_size=subject.recipe.data.image_size,
        epochs=config.epochs,
        validation=config.validation,
        seed=config.seed,
        device=subject.device,
        progress=watch.stage(f"SGD on crops, {name}"),
        cancelled=watch.cancelled,
    )
    scores = linear.measure(probe, subject.features(name).queries, labels.queries)
    return _told(scores, f"rate {probe.learning_rate:g}")


def _told(scores: Scores, choice: str) -> ProbeScores:
    return ProbeScores(top_1=scores.top_1, top_5=scores.top_5, choice=choice)
