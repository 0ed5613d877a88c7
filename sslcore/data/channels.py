"""How many channels the images of a folder have, and which files do not agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sslcore.data.image_file import Header


def usual(headers: Iterable[Header]) -> int:
    """Channels that most files have; 0 where most are grey or colour, as the folder needs it.

    Of two that are equally frequent the first counts.
    """
    counts = Counter(one.bands for one in headers)
    return counts.most_common(1)[0][0] if counts else 0


def refusal(header: Header, most: int) -> str:
    """Why a file cannot stand beside those that most are like, or ""."""
    if header.bands == most:
        return ""
    plain = "grey or colour picture"
    own = counted(header.bands) if header.bands else f"a {plain}"
    others = f"have {counted(most)}" if most else f"are {plain}s"
    return (
        f"{own}, but most images here {others}; a folder is read with one number of channels, so "
        "move it elsewhere or convert it"
    )


def counted(channels: int) -> str:
    """``"1 channel"``, ``"5 channels"``."""
    return "1 channel" if channels == 1 else f"{channels:,} channels"
