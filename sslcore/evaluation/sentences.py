"""Text-to-image retrieval: the images whose projections lie nearest to that of a sentence.

The image of a sentence is the one whose cosine with it is the largest (Radford, Kim, Hallacy et al.
2021, https://arxiv.org/abs/2103.00020, section 3.1: zero-shot retrieval).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sslcore.data.captions import words
from sslcore.data.pool import CancelAsked
from sslcore.evaluation.bank import Bank
from sslcore.evaluation.vectors import Features
from sslcore.method import EmbedsSentences, Method


@dataclass(frozen=True, eq=False)
class SentenceAnswer:
    """The images nearest to a sentence.

    Attributes:
        rows: (k,) int64 rows of the projections, nearest first, equals by lower row.
        cosines: (k,) float32 with the sentence.
        middle: cosine of the middle image of all (the median).
        unknown: words of the sentence that the run learned nothing of, each once, in the order
            they were typed; all of them were read as one and the same unknown word.
        known: how many words were read that the run did learn; at 0 the order tells nothing.
        unread: how many words came after the longest sentence, and were not looked at.
    """

    rows: NDArray[np.int64]
    cosines: NDArray[np.float32]
    middle: float
    unknown: tuple[str, ...]
    known: int
    unread: int


class SentenceSearch:
    """Answers one sentence after another; the images are embedded once.

    Args:
        method: trained, one that :class:`~sslcore.method.EmbedsSentences`.
        projections: (N, d) of the images by ``method.embed(images, "projection")``, any length.
        longest: words of a training caption at most; further ones never had a place in training.
        cancelled: asked while the rows are brought to unit length.

    Raises:
        ValueError: if the method cannot embed sentences, or projections are not finite.
        Cancelled: if ``cancelled`` said so.
    """

    def __init__(
        self,
        method: Method[Any],
        projections: Features,
        longest: int,
        cancelled: CancelAsked | None = None,
    ) -> None:
        self._method = reader(method)
        self._vocabulary = frozenset(method.facts.vocabulary)
        self._longest = min(longest, self._method.longest_sentence())
        self._bank = Bank(projections, cancelled=cancelled)

    def __len__(self) -> int:
        """How many images are searched."""
        return len(self._bank)

    def ask(self, sentence: str, count: int) -> SentenceAnswer:
        """The ``count`` images nearest to a sentence.

        Args:
            sentence: in lower or upper case, with or without punctuation.
            count: how many; more than there are is cut to what there is.

        Raises:
            ConfigError: if no vocabulary was saved with the run.
            ValueError: for a sentence without a word, or a count below 1.
        """
        typed = words(sentence)
        if not typed:
            raise ValueError("there is no word to look for; type what the images should show")
        if count < 1:
            raise ValueError(f"count must be at least 1, got {count}")
        read = typed[: self._longest]
        query = self._method.embed_sentences([" ".join(read)])[0]
        rows, cosines = self._bank.nearest(query, len(self._bank))
        unknown = [word for word in read if word not in self._vocabulary]
        return SentenceAnswer(
            rows=rows[:count],
            cosines=cosines[:count],
            middle=float(np.median(cosines)),
            unknown=tuple(dict.fromkeys(unknown)),
            known=len(read) - len(unknown),
            unread=len(typed) - len(read),
        )


def reader(method: Method[Any]) -> EmbedsSentences:
    """The method as one that embeds sentences.

    Raises:
        ValueError: if it cannot.
    """
    if not isinstance(method, EmbedsSentences):
        raise ValueError(
            f"{method.card.title} learned from images without words and cannot read a sentence; "
            "train a method that learns from captions"
        )
    return method
