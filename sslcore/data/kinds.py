"""What a folder can serve: single images, sequences, pairs, captions; and how to say what lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

Kind = Literal["auto", "images", "sequences", "pairs", "captions"]
"""What a person may ask of a folder; "auto" takes whatever is found."""

WHAT: Mapping[str, str] = {
    "images": "pictures to look at one by one",
    "sequences": "folders of numbered frames or videos",
    "pairs": "two folders with the same file names, such as rgb/ and depth/",
    "captions": "a text file of the same name beside each image, or a CSV column 'caption' (or the "
    "one that data.captions names)",
}
"""Every kind, and what a folder must hold to serve it."""

_HAS = {"images": "single images", "sequences": "sequences", "pairs": "pairs"}


def lacking(needs: str, kinds: Sequence[str], detail: str = "") -> str:
    """Why a folder cannot serve a kind, as the end of a sentence.

    Args:
        needs: the kind that is asked for.
        kinds: what the folder serves.
        detail: what was found wrong with this very folder; stands in for what it has.
    """
    has = " and ".join(_HAS.get(one, one) for one in kinds) or "nothing"
    return f"needs {needs}: {WHAT.get(needs, needs)}; {detail or f'this folder has {has}'}"
