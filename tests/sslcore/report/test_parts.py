"""Pieces of HTML."""

import base64
import io

import numpy as np
from PIL import Image

from sslcore.report import parts


def test_what_people_wrote_cannot_be_markup() -> None:
    assert "<b>" not in parts.section("<b>", "", note="<b>")
    assert "<b>" not in parts.table(["<b>"], [["<b>"]])
    assert "<b>" not in parts.code("<b>")
    assert '"x"' not in parts.image(np.zeros((2, 2, 3), np.uint8), 'a "x"')


def test_numbers_stand_to_the_right() -> None:
    html = parts.table(["name", "value"], [["a", "1"]], (1,))
    assert "<td>a</td><td class=number>1</td>" in html


def test_images_are_part_of_the_page() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (8, 9, 4), dtype=np.uint8)
    head, _, data = parts.source_of(pixels).partition(",")
    assert head == "data:image/png;base64"
    found = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    assert np.array_equal(found, pixels)
    assert parts.source_of(pixels[..., :3], photo=True).startswith("data:image/jpeg")


def test_counting() -> None:
    assert parts.count(1, "image") == "1 image"
    assert parts.count(12000, "image") == "12,000 images"
