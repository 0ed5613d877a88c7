import numpy as np

from app.panels.explore_layouts import FLAT, Layout, PcaSettings, Space, UmapSettings
from app.panels.explore_status import facts
from sslcore.evaluation.projected import Faithfulness

SPACE = Space("run", 10, 1.25, np.arange(4), np.zeros((4, 3), np.float32))
POINTS = np.array([[0, 0], [1, 1], [np.nan, 0], [2, 2]], np.float32)


def test_what_is_drawn_of_when_and_how_good_it_is():
    layout = Layout(SPACE, FLAT, POINTS, Faithfulness(0.914, 0.886, 15, 4), "a note")
    assert list(facts(layout, None)) == [
        "3 of 4 probe images drawn",
        "PCA of epoch 1.2",
        "trustworthiness 0.91, continuity 0.89 (15 neighbours)",
        "a note",
    ]


def test_an_older_umap_says_what_compute_would_show():
    layout = Layout(SPACE, UmapSettings(), POINTS)
    assert list(facts(layout, 3.0))[1:] == ["UMAP of epoch 1.2", "Compute shows epoch 3.0"]
    for way in (FLAT, PcaSettings(3)):
        assert "Compute" not in " ".join(facts(Layout(SPACE, way, POINTS), 3.0))


def test_the_map_before_training_says_so():
    start = Space("run", 0, 0.0, SPACE.index, SPACE.features)
    for way, words in ((FLAT, "PCA"), (UmapSettings(), "UMAP")):
        said = list(facts(Layout(start, way, POINTS), None))
        assert said[1] == f"{words} of epoch 0.0, the untrained encoder"
