import math

import numpy as np

from app.panels.explore_dial_words import noted, told
from app.panels.explore_dialled import Asked, Dialled
from app.panels.explore_layouts import FLAT, Layout, Space, TsneSettings

PLACES = np.zeros((2, 2), np.float32)


def made(cosine, different, nearest, *, places=None, step=10, way=FLAT):
    space = Space("run", 10, 1.0, np.arange(3), np.eye(3, dtype=np.float32))
    layout = Layout(space, way, np.zeros((3, 2), np.float32), kind=way.kind)
    return Dialled(
        asked=Asked(layout, 1, "crop", 0), title="Crop", scale="", strengths=(100, 8),
        words=("100 %", "8 %"), pictures=(), cosines=np.array([1.0, cosine]), different=different,
        step=step, places=places, nearest=nearest,
    )  # fmt: skip


def test_words_of_what_became_of_it():
    assert told(made(0.8, 0.6, (1, 2)), 1, "image {}".format) == (
        "Cosine with the image itself 0.80: 50 % of what sets it apart from other images is kept. "
        "Now image 2 is nearer to it than the image it was made of."
    )
    assert told(made(0.4, 0.6, (1, 1)), 1, str) == (
        "Cosine with the image itself 0.40: 0 % of what sets it apart from other images is kept. "
        "It is still nearest to itself."
    )
    assert told(made(-0.5, math.nan, ()), 1, str) == "Cosine with the image itself −0.50."
    # A collapsed encoder keeps nothing apart, so no part of it can be kept.
    assert told(made(1.0, 0.9999, (1, 1)), 1, str).startswith("Cosine with the image itself 1.00. ")


def test_how_far_it_stays_nearest_to_itself():
    assert made(0.8, 0.6, (1, 1)).stays == 1
    assert made(0.8, 0.6, (1, 2)).stays == 0
    assert noted(made(0.8, 0.6, (1, 1))).startswith("However far it is turned up, it stays")
    assert noted(made(0.8, 0.6, (1, 2))).startswith("It stays nearest to itself up to 100 %. On a")


def test_how_the_path_was_placed():
    assert noted(made(0.8, 0.6, (1, 1), places=PLACES)).endswith("by its components, exactly.")
    near = noted(made(0.8, 0.6, (1, 1), places=PLACES, way=TsneSettings()))
    assert "amid the nearest images: t-SNE has no straight way" in near
    other = noted(made(0.8, math.nan, (), step=20))
    assert other.startswith("The map shows step 10; the encoder of that step is not kept")
    assert "step 20" in other
