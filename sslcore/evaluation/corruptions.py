"""Damage to whole images, in steps from hardly visible to nothing left, for any view plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Generator, Tensor

from sslcore.augment.corruption import GaussianNoise, Masking, SaltAndPepper
from sslcore.augment.photometric import GaussianBlur, brightened, contrasted, hue_turned
from sslcore.augment.step import Step
from sslcore.augment.view import mixed_seed

Damage = Callable[[Tensor, float, Generator], Tensor]


@dataclass(frozen=True)
class Corruption:
    """One kind of damage.

    Attributes:
        key: its name in settings.
        title: its name for a person.
        axis: what its strength means, with a unit.
        strengths: from weak to strong; 0 would leave an image alone.
        colour: whether it means something for images of three channels only.
        damage: images (N, C, H, W) in [0, 1], strength, generator -> damaged images.
    """

    key: str
    title: str
    axis: str
    strengths: tuple[float, ...]
    damage: Damage
    colour: bool = False

    def apply(self, images: Tensor, strength: float, seed: int) -> Tensor:
        """Damage images; the same seed damages the same places at every strength.

        Args:
            images: (..., C, H, W) in [0, 1] on any device; not changed.
            strength: above 0, see ``axis``.
            seed: of what is random.

        Returns:
            The same shape, in [0, 1].

        Raises:
            ValueError: for a strength below 0, or colour damage to images without colour.
        """
        if strength < 0:
            raise ValueError(f"{self.title}: a strength is at least 0, got {strength}")
        if self.colour and images.shape[-3] != 3:
            raise ValueError(f"{self.title} needs images with 3 channels, got {images.shape[-3]}")
        flat = images.flatten(0, -4)
        generator = Generator().manual_seed(mixed_seed(seed, "corruption", self.key))
        return self.damage(flat, strength, generator).clamp(0.0, 1.0).view_as(images)


def _stepped(step: Callable[[float], Step]) -> Damage:
    """Damage that a step of the view plans does, with its strength fixed."""

    def damage(images: Tensor, strength: float, generator: Generator) -> Tensor:
        made, (height, width) = step(strength), images.shape[-2:]
        drawn = made.draw(generator, len(images), (height, width))
        params = {name: rows.to(images.device) for name, rows in drawn.items()}
        return made.apply(images, params, max(height, width))

    return damage


def _weakened(factor: Callable[[Tensor, Tensor], Tensor]) -> Damage:
    """Damage by a factor of 1 - strength."""

    def damage(images: Tensor, strength: float, generator: Generator) -> Tensor:
        del generator
        return factor(images, images.new_full((len(images),), 1.0 - strength))

    return damage


def _hue(images: Tensor, strength: float, generator: Generator) -> Tensor:
    del generator
    return hue_turned(images, images.new_full((len(images),), strength))


_PARTS = (0.1, 0.25, 0.5, 0.75, 0.95)
_LOST = (0.25, 0.5, 0.75, 0.9)
CORRUPTIONS: Mapping[str, Corruption] = {
    one.key: one
    for one in (
        Corruption(
            "gaussian_noise", "Gaussian noise", "standard deviation (white is 1)",
            (0.05, 0.1, 0.2, 0.4, 0.8), _stepped(lambda sd: GaussianNoise(sd_low=sd, sd_high=sd)),
        ),
        Corruption(
            "masking", "Masking", "lost pixels (part of all)", _PARTS,
            _stepped(lambda part: Masking(fraction=part)),
        ),
        Corruption(
            "salt_and_pepper", "Salt and pepper", "lost pixels (part of all)", _PARTS,
            _stepped(lambda part: SaltAndPepper(fraction=part)),
        ),
        Corruption(
            "blur", "Blur", "standard deviation (px)", (0.5, 1.0, 2.0, 4.0, 8.0),
            _stepped(lambda px: GaussianBlur(p=1.0, sigma_low=px, sigma_high=px, reach=0.5)),
        ),
        Corruption("contrast", "Less contrast", "lost contrast (part)", _LOST,
                   _weakened(contrasted)),
        Corruption("darkness", "Darkness", "lost brightness (part)", _LOST, _weakened(brightened)),
        Corruption("hue", "Turned hue", "part of the colour circle", (0.05, 0.1, 0.25, 0.5), _hue,
                   colour=True),
    )
}  # fmt: skip
"""All kinds by key."""


def kinds(channels: int) -> tuple[Corruption, ...]:
    """Those that mean something for images of so many channels."""
    return tuple(one for one in CORRUPTIONS.values() if channels == 3 or not one.colour)
