import numpy as np

from app.panels.explore_mapped import Mapped


def test_a_map_without_more_has_no_picture_and_no_features():
    made = Mapped(np.arange(3), np.zeros((3, 2)), "PCA")
    assert (made.features, made.colours, made.widget) == (None, None, None)
    assert tuple(made.legend) == ()
