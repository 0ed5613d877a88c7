"""What SwAV and DINO share: a few large crops of an image and many small, cheap ones."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from sslcore.augment.presets import multi_crop_views
from sslcore.augment.view import ViewPlan
from sslcore.config import Config, knob
from sslcore.method import DataFacts


class MultiCropConfig(Config):
    """Settings of the crops."""

    local_crops: int = knob(
        4,
        low=0,
        high=16,
        help="Small crops of every image; each makes a step slower.",
        paper="6 (SwAV), 8 (DINO)",
    )
    local_size: int = knob(
        16, low=8, high=512, unit="px", help="Side of a small crop.", paper="96 beside 224"
    )
    split_area: float = knob(
        0.4,
        low=0.02,
        high=0.98,
        help="Share of the image's area above which crops count as large and below as small.",
        paper="0.14 (SwAV, ResNet-50), 0.4 (DINO, ViT)",
    )
    smallest_area: float = knob(
        0.05,
        low=0.01,
        high=0.98,
        help="Smallest share of the image's area that a small crop keeps. Of a small image, too "
        "little is no picture any more.",
        paper="0.05",
    )

    @model_validator(mode="before")
    @classmethod
    def _older(cls, values: Any) -> Any:
        """Recipes from before there was a smallest area may split below its default."""
        split = values.get("split_area") if isinstance(values, dict) else None
        if isinstance(split, float) and split < 0.05 and "smallest_area" not in values:
            return {**values, "smallest_area": split}
        return values

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.local_crops and self.smallest_area > self.split_area:
            raise ValueError(
                f"smallest_area = {self.smallest_area} is above split_area = {self.split_area}; "
                "lower it"
            )
        return self

    def views(
        self, facts: DataFacts, jitter: tuple[float, float, float, float] = (0.4, 0.4, 0.2, 0.1)
    ) -> ViewPlan:
        """Two large crops, ``global``, and the small ones, ``local``, with jitter, grey and flips.

        Args:
            facts: side and channels of the images.
            jitter: strength of brightness, contrast, saturation and hue.
        """
        return multi_crop_views(
            facts.image_size,
            facts.channels,
            local_size=min(self.local_size, facts.image_size),
            local_crops=self.local_crops,
            global_areas=(self.split_area, 1.0),
            local_areas=(self.smallest_area, self.split_area),
            jitter=jitter,
        )
