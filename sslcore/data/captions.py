"""Captions: a sentence per image, the words of the training ones, and sentences as word numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from torch import Tensor

from sslcore.data.pool import CancelAsked, Progress, each

COLUMNS = ("caption", "text")
"""CSV columns that hold captions where nobody names one, in the order of preference."""

PADDING, UNKNOWN = 0, 1
"""Numbers of no word at all and of a word that is not in the vocabulary."""

_RESERVED = 2
_MOST = 4000  # Characters of a caption that are read
_WORDS = re.compile(r"\w+(?:['’]\w+)*")


def words(sentence: str) -> list[str]:
    """The words of a sentence in lower case, without punctuation."""
    return _WORDS.findall(sentence.lower())


def beside(
    root: Path,
    paths: Sequence[str],
    texts: Iterable[str],
    progress: Progress | None = None,
    cancelled: CancelAsked | None = None,
) -> list[str]:
    """The text file of the same name beside each image; "" where there is none.

    Lines become one caption. A file without any letter (boxes of a detector, say) is none.

    Args:
        root: the folder.
        paths: N relative paths of images.
        texts: relative paths of text files.
        progress: called with (read, files).
        cancelled: asked often.

    Raises:
        Cancelled: if called off.
    """
    known = {str(PurePosixPath(text).with_suffix("")): text for text in texts}
    wanted = [known.get(str(PurePosixPath(path).with_suffix(""))) for path in paths]
    files = [root / text for text in wanted if text is not None]
    read = each(_read, files, progress=progress, cancelled=cancelled)
    return ["" if text is None else next(read) for text in wanted]


@dataclass(frozen=True)
class Vocabulary:
    """The words a text encoder knows; word i has number i + 2.

    Attributes:
        words: the most frequent first.
    """

    words: tuple[str, ...]
    _numbers: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers = {word: number for number, word in enumerate(self.words, _RESERVED)}
        object.__setattr__(self, "_numbers", numbers)

    @classmethod
    def build(cls, sentences: Iterable[str], limit: int) -> Vocabulary:
        """The ``limit`` most frequent words; of equally frequent ones the first by alphabet."""
        counts = Counter(word for sentence in sentences for word in words(sentence))
        ordered = sorted(counts, key=lambda word: (-counts[word], word))
        return cls(tuple(ordered[:limit]))

    def __len__(self) -> int:
        """How many numbers there are, padding and unknown counted."""
        return len(self.words) + _RESERVED

    def tokens(self, sentences: Sequence[str], length: int) -> Tensor:
        """Word numbers of sentences.

        Args:
            sentences: B of them.
            length: L; longer sentences are cut, shorter ones padded with 0.

        Returns:
            (B, L) int64.
        """
        found = np.full((len(sentences), length), PADDING, np.int64)
        for row, sentence in enumerate(sentences):
            numbers = [self._numbers.get(word, UNKNOWN) for word in words(sentence)[:length]]
            found[row, : len(numbers)] = numbers
        return torch.from_numpy(found)


def _read(file: Path) -> str:
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as text:
            sentence = " ".join(text.read(_MOST).split())
    except OSError:
        return ""  # gone since the scan: an image without a caption
    return sentence if any(character.isalpha() for character in sentence) else ""
