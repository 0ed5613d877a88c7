"""The contract of one augmentation step: draw random numbers, apply them, tell what was drawn."""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, cast

from pydantic import BeforeValidator, SerializeAsAny
from torch import Generator, Tensor

from sslcore.config import Config, ConfigError, knob

Params = dict[str, Tensor]
"""Drawn numbers of one step: name -> (N, ...), one row per image."""

Size = tuple[int, int]
"""Height and width in pixels."""


class Step(Config, ABC):
    """One step of a view, for a whole batch at once, with its own numbers for every image.

    Subclasses add ``kind: Literal["..."]`` (their name in recipes) and their knobs. A step never
    looks at global random state: every number comes from the generator given to :meth:`draw`, on
    the CPU, so that preview, CPU and accelerator see the same draws.
    """

    title: ClassVar[str]
    structural: ClassVar[bool] = False
    """True where the pretext task needs the step: it cannot be switched off or removed."""
    resizes: ClassVar[bool] = False
    """True where ``apply`` itself brings images to the size of the view (crops)."""
    needs_colour: ClassVar[bool] = False
    """True where the step means nothing for images that do not have three channels."""

    kind: Any
    """Name of the step in recipes; every subclass narrows it to ``Literal["..."]``."""
    enabled: bool = knob(True, help="Switch this step on or off.")

    @property
    def fan_out(self) -> int:
        """How many images come out for one that goes in (four rotations, nine tiles)."""
        return 1

    @abstractmethod
    def draw(self, generator: Generator, count: int, size: Size) -> Params:
        """Draw the numbers for ``count`` images of ``size`` (height, width), on the CPU.

        A step that happens with a probability draws ``"applied"``: (N,) bool.
        """

    @abstractmethod
    def apply(self, images: Tensor, params: Params, size: int) -> Tensor:
        """Apply drawn numbers.

        Args:
            images: (N, C, H, W) float32 in [0, 1]; never changed in place.
            params: what :meth:`draw` gave for these N images, on the same device.
            size: side of the view; used by steps that resize.

        Returns:
            (N * fan_out, C, h, w) float32 in [0, 1], image by image.
        """

    def apply_target(self, target: Tensor, params: Params, size: int) -> Tensor:
        """Move a dense target (N, C', H, W) as the images moved; integers by nearest neighbour.

        Steps that do not move pixels leave it alone, which is what this default does. Steps that
        fan out may give (N * fan_out, ...), of which the first of each image is kept.
        """
        del params, size
        return target

    def truth(self, params: Params) -> Tensor | None:
        """The answer a pretext task asks for, (N, ...) or (N * fan_out, ...), or None."""
        del params
        return None

    def output_size(self, size: Size, view_size: int) -> Size:
        """Size after this step, needed to draw the next one."""
        return (view_size, view_size) if self.resizes else size

    @abstractmethod
    def describe(self, params: Params, row: int) -> str:
        """What was drawn for one image, in words: ``"0.61 of the area"``, ``"off"``."""


def kinds() -> dict[str, type[Step]]:
    """Every step there is, by its name in recipes."""
    import sslcore.augment as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    found: dict[str, type[Step]] = {}
    waiting = list(Step.__subclasses__())
    while waiting:
        one = waiting.pop()
        waiting.extend(one.__subclasses__())
        default = one.model_fields["kind"].default
        if isinstance(default, str):
            found[default] = one
    return dict(sorted(found.items()))


def _read(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    values = cast("Mapping[str, Any]", value)
    known = kinds()
    kind = str(values.get("kind", ""))
    if kind not in known:
        raise ConfigError(f"no step is called {kind!r}; there are: {', '.join(known)}")
    return known[kind].parse(values, kind)


AnyStep = Annotated[SerializeAsAny[Step], BeforeValidator(_read)]
"""Field type for a step of any kind; in TOML its ``kind`` tells which."""
