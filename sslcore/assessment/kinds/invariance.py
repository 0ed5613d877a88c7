"""How far features move when the light, the place or the quality of an image changes.

For each augmentation alone, at growing strength: the cosine of the features of an image and of its
changed copy, over some held-out images (mean and quartiles). A cosine near 1 says little by itself,
for in a collapsed encoder all images look alike. So the mean cosine of different images is shown
beside it, and invariance is counted between the two: 100 % where an image does not move, 0 % where
it moves as far as to another image. What the untrained encoder ignores already was not learned.

What to expect. Methods that make two views alike become invariant to what their views change, and
only to that: without colour jitter, colour stays visible. Rotation prediction stays sensitive to
rotation, as it must. An augmentation that destroys what classes differ by should not be ignored.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from sslcore.assessment.contract import Finding, Plain, assessment
from sslcore.assessment.subject import PIXELS, TRAINED, Subject
from sslcore.assessment.watch import Watch
from sslcore.config import Config, knob
from sslcore.engine.preparation import sampled
from sslcore.evaluation import perturbations
from sslcore.evaluation.invariance import Curve, Profile, profiles


class InvarianceConfig(Config):
    """Settings of the invariance profile."""

    images: int = knob(
        400, low=10, high=20_000, log=True, help="Held-out images that are looked at."
    )
    layer: Literal["features", "projection"] = knob(
        "features", help="The features, or what the head makes of them while it trains."
    )
    seed: int = knob(0, low=0, high=2**31 - 1, help="Of where crops lie, noise and the like.")


class Response(Plain):
    """One encoder under one augmentation; a number for each strength.

    Attributes:
        mean, lower, median, upper: cosine of image and changed copy; quartiles over images.
        normalised: 1 for no move at all, 0 for a move as far as to another image; None for a
            collapsed encoder.
        retrieved: part of the copies whose own original is nearer than all others.
    """

    mean: tuple[float, ...]
    lower: tuple[float, ...]
    median: tuple[float, ...]
    upper: tuple[float, ...]
    normalised: tuple[float | None, ...]
    retrieved: tuple[float, ...]

    @classmethod
    def of(cls, curve: Curve) -> Response:
        """Plain numbers of a curve."""
        return cls(
            mean=tuple(curve.mean.tolist()),
            lower=tuple(curve.lower.tolist()),
            median=tuple(curve.median.tolist()),
            upper=tuple(curve.upper.tolist()),
            normalised=tuple(None if math.isnan(one) else one for one in curve.normalised.tolist()),
            retrieved=tuple(curve.retrieved.tolist()),
        )

    @property
    def invariance(self) -> float | None:
        """Mean over the strengths of the normalised figure."""
        known = [one for one in self.normalised if one is not None]
        return float(np.mean(known)) if known else None


class Answered(Plain):
    """One augmentation.

    Attributes:
        key, title: of it.
        scale: what its strength counts, with the unit.
        unit: behind a single strength.
        neutral: strength at which nothing changes.
        strengths: weak to strong.
        responses: by name of the encoder.
    """

    key: str
    title: str
    scale: str
    unit: str
    neutral: float
    strengths: tuple[float, ...]
    responses: dict[str, Response]


class Different(Plain):
    """Cosines of different images under one encoder.

    Attributes:
        mean, lower, upper: mean and quartiles.
        collapsed: whether the mean is so near 1 that no invariance can be told.
    """

    mean: float
    lower: float
    upper: float
    collapsed: bool


class InvarianceFinding(Finding):
    """Every augmentation under every encoder.

    Attributes:
        images: that were looked at.
        augmentations: in the order of the list.
        different: by name of the encoder.
    """

    images: int
    augmentations: tuple[Answered, ...]
    different: dict[str, Different]

    @property
    def invariance(self) -> dict[str, float | None]:
        """Mean over all augmentations by name of the encoder; None for a collapsed one."""
        found: dict[str, float | None] = {}
        for name in self.different:
            each = [one.responses[name].invariance for one in self.augmentations]
            known = [one for one in each if one is not None]
            found[name] = float(np.mean(known)) if known else None
        return found

    def headline(self) -> str:
        """Mean invariance of the trained encoder."""
        mean = self.invariance[TRAINED]
        return "collapsed" if mean is None else f"{100 * mean:.0f} % on average"

    def lines(self) -> list[str]:
        """A row an augmentation: invariance over all strengths, and what is found at the last."""
        names = tuple(self.different)
        rows = [f"{'invariance':<18}" + "".join(f"{name[:15]:>16}" for name in names)]
        for one in self.augmentations:
            rows.append(
                f"{one.title:<18}"
                + "".join(f"{_percent(one.responses[name].invariance):>16}" for name in names)
            )
        means = self.invariance
        rows.append(f"{'all':<18}" + "".join(f"{_percent(means[name]):>16}" for name in names))
        cosines = "".join(f"{self.different[name].mean:>16.2f}" for name in names)
        return [*rows, f"{'other images, cos':<18}{cosines}"]


def _percent(share: float | None) -> str:
    return "collapsed" if share is None else f"{100 * share:.0f} %"


@assessment(
    title="Invariance",
    order=50,
    config=InvarianceConfig,
    finding=InvarianceFinding,
)
def measure(subject: Subject, config: InvarianceConfig, watch: Watch) -> InvarianceFinding:
    """Profiles of the trained and the untrained encoder and of those from outside."""
    subject.require_queries()
    store = subject.material.pixels
    rows = sampled(subject.queries, config.images, "invariance", config.seed)
    wanted = perturbations.of(store.channels)
    encoders = {
        name: subject.encode(name, config.layer) for name in subject.encoders if name != PIXELS
    }
    found = profiles(
        encoders,
        store,
        rows,
        wanted,
        seed=config.seed,
        image_size=subject.recipe.data.image_size,
        device=subject.device,
        progress=watch.stage("Changing images"),
        cancelled=watch.cancelled,
    )
    return InvarianceFinding(
        images=len(rows),
        augmentations=tuple(
            Answered(
                key=one.key,
                title=one.title,
                scale=one.scale,
                unit=one.unit,
                neutral=one.neutral,
                strengths=one.strengths,
                responses={
                    name: Response.of(profile.curves[number]) for name, profile in found.items()
                },
            )
            for number, one in enumerate(wanted)
        ),
        different={name: _different(profile) for name, profile in found.items()},
    )


def _different(profile: Profile) -> Different:
    return Different(
        mean=profile.baseline,
        lower=profile.baseline_lower,
        upper=profile.baseline_upper,
        collapsed=profile.collapsed,
    )
