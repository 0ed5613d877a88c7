"""What some methods can beside the contract: read a sentence, carry a mask along a clip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class EmbedsSentences(Protocol):
    """What a method can beside the contract if it learned from captions: read a sentence.

    ``issubclass(find(key), EmbedsSentences)`` tells before anything is built.
    """

    def embed_sentences(self, sentences: Sequence[str]) -> Tensor:
        """(N, d) float32 unit vectors where the projections of images lie.

        Raises:
            ConfigError: if no vocabulary was saved with the run.
        """
        ...

    def longest_sentence(self) -> int:
        """Words of a sentence that are read at most; those after them are not looked at."""
        ...


@runtime_checkable
class CarriesMasks(Protocol):
    """What a method can beside the contract if it learned to find places of a frame in another.

    ``issubclass(find(key), CarriesMasks)`` tells before anything is built.
    """

    def propagate(
        self,
        references: Tensor,
        masks: Tensor,
        target: Tensor,
        temperature: float | None = None,
    ) -> Tensor:
        """Carry what is known of some frames over to another.

        Args:
            references: (N, R, C, H, W) frames in [0, 1].
            masks: (N, R, K, h', w') what is known of them, at any resolution; pooled to places.
            target: (N, C, H, W) the frame to carry it to.
            temperature: low looks at the best match only; None is what it was trained with.

        Returns:
            (N, K, h, w), a value for every place of the target.
        """
        ...

    def reference_frames(self) -> int:
        """References it was trained with."""
        ...
