import numpy as np
import pytest

from app.plots import glasbey
from app.plots.colour_space import contrast, to_lab


def test_the_stored_list_is_what_is_generated():
    assert list(glasbey.stored()) == glasbey.generated(len(glasbey.stored()))


def test_a_longer_list_begins_with_the_shorter_one():
    assert glasbey.generated(20)[:12] == glasbey.generated(12)


def test_colours_are_apart_and_seen_on_both_grounds():
    rgb = np.stack([glasbey.rgb(one) for one in glasbey.stored()[:24]])
    lab = to_lab(rgb)
    apart = np.linalg.norm(lab[:, None] - lab[None], axis=-1) + 1e9 * np.eye(len(lab))
    assert apart.min() > 15
    added = rgb[len(glasbey.SEEDS) :]
    for ground in glasbey.GROUNDS:
        assert contrast(added, glasbey.rgb(ground)).min() >= min(glasbey.LEAST_CONTRAST)


def test_bytes_of_a_colour():
    assert glasbey.rgb("#56B4E9").tolist() == [0x56, 0xB4, 0xE9]
    with pytest.raises(ValueError, match="hex"):
        glasbey.rgb("#12345g")
