import numpy as np

from app.panels.explore_space import FLAT, Layout, PcaSettings, Space
from sslcore.evaluation.projected import Faithfulness, Projection
from sslcore.evaluation.projection_settings import TsneSettings, UmapSettings

SPACE = Space("run", 10, 1.0, np.arange(4), np.zeros((4, 3), np.float32))
FAITH = Faithfulness(0.9, 0.8, 1, 4)


def test_a_layout_is_named_by_how_it_was_made():
    flat, deep = np.zeros((4, 2), np.float32), np.zeros((4, 3), np.float32)
    assert Layout(SPACE, FLAT, flat).name == "PCA"
    assert Layout(SPACE, PcaSettings(3), deep).name == "PCA in 3-D"
    assert Layout(SPACE, UmapSettings(dimensions=3), deep).name == "UMAP in 3-D"
    assert Layout(SPACE, TsneSettings(), flat).name == "t-SNE"


def test_a_projection_and_back():
    made = Projection(np.zeros((4, 2), np.float32), "tsne", "a note", FAITH, 2.0)
    layout = Layout.of(SPACE, TsneSettings(), made)
    assert (layout.kind, layout.note, layout.scale, layout.dimensions) == ("tsne", "a note", 2.0, 2)
    assert layout.words == "trustworthiness 0.90, continuity 0.80 (1 neighbours)"
    again = layout.projection
    assert (again.layout is made.layout, again.faith, again.scale) == (True, FAITH, 2.0)
    bare = Layout(SPACE, FLAT, made.layout)
    assert (bare.words, bare.projection) == ("", None)
