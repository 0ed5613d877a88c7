"""Plain values as a person types and reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast


def number(text: str, *, whole: bool) -> int | float | str:
    """The number a text says, or the text itself: who checks it can then explain it.

    A comma between digits is read as a decimal point, a true minus sign as a minus.
    """
    words = text.strip().replace("−", "-").replace("\u2009", "")
    if words.count(",") == 1 and "." not in words:
        words = words.replace(",", ".")
    try:
        found = float(words)
    except ValueError:
        return text
    if whole and math.isfinite(found) and found == round(found):
        return round(found)
    return found


def value(text: str) -> Any:
    """A number, a truth value or nothing where the text is one; else the text."""
    words = text.strip()
    known = {"true": True, "false": False, "none": None}
    if words.lower() in known:
        return known[words.lower()]
    if any(mark in words for mark in ".eE"):
        return number(words, whole=False)
    return number(words, whole=True)


def values(text: str) -> tuple[Any, ...]:
    """The values between the commas of a text; brackets around it may be there."""
    words = text.strip().strip("()[]").strip()
    return tuple(value(part) for part in words.split(",") if part.strip()) if words else ()


def text(value: Any) -> str:
    """The shortest usual way to write a value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return (
            repr(int(value)) if value == round(value, 0) and abs(value) < 1e6 else f"{value:.10g}"
        )
    if isinstance(value, (tuple, list)):
        return ", ".join(text(one) for one in cast("Sequence[Any]", value))
    return str(value)


def same(first: Any, second: Any) -> bool:
    """Whether two plain values say the same: 1 and 1.0 do, 1 and True do not."""
    if isinstance(first, bool) != isinstance(second, bool):
        return False
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=1e-9, abs_tol=0.0) or first == second
    return bool(first == second)


def is_flat(value: Any) -> bool:
    """Whether a value can be typed in one line: a scalar, or several of them."""
    if isinstance(value, (tuple, list)):
        return all(_scalar(one) for one in cast("Sequence[Any]", value))
    return _scalar(value)


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))
