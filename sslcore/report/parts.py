"""Pieces of HTML that every section is made of."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def section(title: str, content: str, *, note: str = "") -> str:
    """A card with a heading, and a quiet line under it."""
    said = f'<p class="quiet">{escape(note)}</p>' if note else ""
    return f"<section><h2>{escape(title)}</h2>{said}{content}</section>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """A table; columns of ``numbers`` stand to the right."""

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=number' if column in numbers else ''}>{escape(one)}</{tag}>"
            for column, one in enumerate(row)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{cells("th", head)}</tr>{body}</table></div>'


def code(text: str) -> str:
    """Text in a font of one width."""
    return f"<pre>{escape(text)}</pre>"


def source_of(pixels: NDArray[np.uint8], *, photo: bool = False) -> str:
    """The address of an image that is part of the page.

    Args:
        pixels: (h, w, 3), or (h, w, 4) with transparency.
        photo: whether it may lose a little to be small.
    """
    buffer = io.BytesIO()
    image = Image.fromarray(pixels)
    if photo:
        image.save(buffer, "JPEG", quality=88)
    else:
        image.save(buffer, "PNG", optimize=True)
    kind = "jpeg" if photo else "png"
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def image(pixels: NDArray[np.uint8], described: str, kind: str = "", *, photo: bool = False) -> str:
    """An image that is part of the page, described for those who cannot see it."""
    of = f' class="{kind}"' if kind else ""
    return f'<img{of} src="{source_of(pixels, photo=photo)}" alt="{escape(described, quote=True)}">'


def count(number: int, thing: str) -> str:
    """``1 image``, ``50,000 images``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
