"""From which side a cloud of points in space is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

DISTANCE = 4.0
"""Of the eye from the middle, in radii of the cloud: near, so that what is in front looks larger,
but not so near that the picture bends."""


@dataclass(frozen=True)
class Ball:
    """The room that points take.

    Attributes:
        middle: x, y and z.
        radius: within which all lie.
    """

    middle: tuple[float, float, float] = (0.0, 0.0, 0.0)
    radius: float = 1.0

    @classmethod
    def around(cls, points: NDArray[Any]) -> Ball:
        """The ball about the finite ones of (N, 3) points."""
        finite = points[np.isfinite(points).all(axis=1)]
        if not len(finite):
            return cls()
        middle = (finite.min(axis=0) + finite.max(axis=0)) / 2
        radius = float(np.sqrt(np.square(finite - middle).sum(axis=1).max()))
        x, y, z = (float(one) for one in middle)
        return cls((x, y, z), radius or 1.0)


@dataclass(frozen=True)
class Orbit:
    """A side to look from, as one walks around a table: up stays up.

    Attributes:
        yaw: how far one has walked around, in radians.
        pitch: how far one looks down from above, in radians, -pi/2 to pi/2.
    """

    yaw: float = 0.0
    pitch: float = 0.0

    def turned(self, right: float, down: float) -> Orbit:
        """The cloud is pushed by angles: its front moves to the right and downwards."""
        pitch = min(max(self.pitch + down, -pi / 2), pi / 2)
        return Orbit((self.yaw + right + pi) % (2 * pi) - pi, pitch)

    @property
    def axes(self) -> Numbers:
        """(3, 3): columns are where x, y and z point: to the right, up and towards the eye."""
        around = np.array(
            [[cos(self.yaw), 0.0, sin(self.yaw)], [0.0, 1.0, 0.0],
             [-sin(self.yaw), 0.0, cos(self.yaw)]]
        )  # fmt: skip
        over = np.array(
            [[1.0, 0.0, 0.0], [0.0, cos(self.pitch), -sin(self.pitch)],
             [0.0, sin(self.pitch), cos(self.pitch)]]
        )  # fmt: skip
        return over @ around

    def turn(self, points: NDArray[Any], ball: Ball) -> Numbers:
        """(N, 3) points as the eye sees them, the middle of the ball where it was."""
        return _turned(points, self.axes, ball)

    def unturn(self, points: NDArray[Any], ball: Ball) -> Numbers:
        """(N, 3) points that the eye sees at these (N, 3) places."""
        return _turned(points, self.axes.T, ball)

    def flattened(self, points: NDArray[Any], ball: Ball) -> tuple[Numbers, Numbers]:
        """Where points are seen.

        Args:
            points: (N, 3).
            ball: they lie in.

        Returns:
            (N, 2) places on the plane through the middle, nearer ones spread farther apart; and
            (N,) how near they are, 0 to 1, NaN where a point is nowhere.
        """
        seen = self.turn(points, ball)
        seen[~np.isfinite(seen).all(axis=1)] = np.nan
        depth = (seen[:, 2] - ball.middle[2]) / ball.radius
        closer = DISTANCE / (DISTANCE - np.clip(depth, -1.0, 1.0))
        flat = np.empty((len(seen), 2))
        for axis in (0, 1):
            middle = ball.middle[axis]
            flat[:, axis] = (seen[:, axis] - middle) * closer + middle
        return flat, np.clip((depth + 1) / 2, 0.0, 1.0)


def _turned(points: NDArray[Any], axes: Numbers, ball: Ball) -> Numbers:
    """(N, 3) points by a (3, 3) turn about the middle.

    Number by number: a matrix product would wake all cores for a millisecond's work, and wait for
    those that are busy training.
    """
    columns = [points[:, axis] - ball.middle[axis] for axis in range(3)]
    made = np.empty((len(points), 3))
    with np.errstate(invalid="ignore"):  # points without a place
        for axis in range(3):
            a, b, c = (float(one) for one in axes[axis])
            made[:, axis] = a * columns[0] + b * columns[1] + c * columns[2] + ball.middle[axis]
    return made
