"""A step that changes pictures in several ways at once and remembers which of them it did."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import torch
from pydantic import model_validator
from torch import Generator, Tensor

from sslcore.augment.geometric import HorizontalFlip, VerticalFlip
from sslcore.augment.photometric import GaussianBlur, Grey, Solarize
from sslcore.augment.step import Params, Size, Step
from sslcore.config import knob

TRANSFORMS: dict[str, Step] = {
    "horizontal_flip": HorizontalFlip(),
    "vertical_flip": VerticalFlip(),
    "grey": Grey(),
    "solarize": Solarize(),
    "gaussian_blur": GaussianBlur(sigma_low=0.8, sigma_high=2.0),
}
"""What can be done to a picture, in the order in which it is done."""

NOT_CHOSEN = -1
"""The answer for a transform that is not among those applied."""


class Transforms(Step):
    """Every chosen transform happens to every picture by the toss of a coin of its own.

    Which of them happened is the answer. The coins of all transforms are tossed even where some
    are not chosen, so that leaving one out changes nothing for the others.
    """

    title: ClassVar[str] = "Transforms"
    structural: ClassVar[bool] = True

    kind: Literal["transforms"] = "transforms"
    p: float = knob(0.5, low=0.0, high=1.0, help="Share of pictures that each one happens to.")
    horizontal_flip: bool = knob(True, help="Swap left and right.")
    vertical_flip: bool = knob(True, help="Swap top and bottom.")
    grey: bool = knob(True, help="Take the colour out; only for images that have colour.")
    solarize: bool = knob(True, help="Turn bright values dark.")
    gaussian_blur: bool = knob(True, help="Soften the picture.")

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if not self.chosen:
            raise ValueError(f"no transform is chosen; switch on one of {', '.join(TRANSFORMS)}")
        return self

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the transforms that may happen."""
        return tuple(name for name in TRANSFORMS if getattr(self, name))

    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw the numbers of every transform as ``NAME/parameter``, and ``answer``.

        ``answer`` (N, T) int64, T = all of :data:`TRANSFORMS`: 1 happened, 0 did not,
        :data:`NOT_CHOSEN` cannot happen. ``NAME/applied`` (N,) bool says the same of one.
        """
        answer = torch.full((count, len(TRANSFORMS)), NOT_CHOSEN)
        params: Params = {"answer": answer}
        for number, (name, step) in enumerate(TRANSFORMS.items()):
            drawn = step.changed(p=self.p).draw(generator, count, size)
            if name in self.chosen:
                answer[:, number] = drawn["applied"].long()
                params |= {f"{name}/{key}": values for key, values in drawn.items()}
        return params

    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Do what was drawn, in the order of :data:`TRANSFORMS`.

        Raises:
            ValueError: if colour is to be taken out of images that do not have three channels.
        """
        for name in self.chosen:
            images = TRANSFORMS[name].apply(images, _of(params, name), size)
        return images

    def apply_target(self, target: Tensor, params: Params, size: int) -> Tensor:
        """Flip the same targets."""
        for name in self.chosen:
            target = TRANSFORMS[name].apply_target(target, _of(params, name), size)
        return target

    def truth(self, params: Params) -> Tensor:
        """One answer for every transform there is, (N, T) int64 as :meth:`draw` says."""
        return params["answer"]

    def describe(self, params: Params, row: int) -> str:
        """``"vertical flip + grey"`` or ``"nothing"``."""
        answer = params["answer"][row].tolist()
        done = [
            TRANSFORMS[n].title.lower() for n, a in zip(TRANSFORMS, answer, strict=True) if a > 0
        ]
        return " + ".join(done) or "nothing"


def _of(params: Params, name: str) -> Params:
    """The numbers of one transform."""
    return {
        key.removeprefix(f"{name}/"): values
        for key, values in params.items()
        if key.startswith(f"{name}/")
    }
