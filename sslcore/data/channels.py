"""How many channels the images of a folder have, and which files do not agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sslcore.data.bands import ARRAYS
from sslcore.data.folder import Problem
from sslcore.data.image_file import Header


def without_arrays(paths: Sequence[str]) -> tuple[list[str], list[Problem]]:
    """Files that may be images, where nobody asked for arrays.

    Beside pictures NumPy's files mostly hold depth, features or labels of them; where there are
    arrays alone, they are the images. Where they are more than the pictures, one word says so.

    Args:
        paths: relative, of pictures and arrays.
    """
    arrays = [one for one in paths if one.lower().endswith(ARRAYS)]
    pictures = [one for one in paths if not one.lower().endswith(ARRAYS)]
    if not arrays or not pictures:
        return list(paths), []
    told = (
        f"one of {len(arrays):,} NumPy arrays beside fewer pictures; none of them is read: if they "
        "are the images, set data.channels to 'native' or move the pictures elsewhere"
    )
    return pictures, [Problem(arrays[0], told)] if len(arrays) > len(pictures) else []


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
