"""Colours without a window."""

import numpy as np

from sslcore.export import colours


def test_scales_end_where_they_should() -> None:
    values = np.array([-2.0, -1.0, 0.0, 1.0, np.nan])
    found = colours.diverging(values, 1.0)
    assert found[0].tolist() == found[1].tolist() == [0x46, 0x8C, 0xE6]
    assert found[2].tolist() == found[4].tolist() == [255, 255, 255]
    assert found[3].tolist() == [0xF0, 0x96, 0x3C]
    lightness = colours.sequential(np.linspace(0, 1, 9), 0, 1).sum(-1)
    assert (np.diff(lightness.astype(int)) > 0).all()
    assert colours.sequential(np.array([3.0]), 3.0, 3.0).shape == (1, 3)


def test_classes_have_colours_of_their_own() -> None:
    many = [colours.of_class(number) for number in range(60)]
    assert len(set(many)) == 60
    assert many[:2] == ["#56B4E9", "#E69F00"]
    assert colours.of_class(-1) not in many
