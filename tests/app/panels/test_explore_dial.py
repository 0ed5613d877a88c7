import numpy as np
import pytest
from PySide6.QtCore import Qt

from app import theme
from app.panels.explore import ExplorePanel
from app.panels.explore_dial import DialCard
from app.panels.explore_encoder import EncoderAt
from app.panels.explore_layouts import FLAT, Layout, Space
from app.panels.explore_near import Banks
from tests.app.panels import trained
from tests.app.panels.reachable import unnamed


@pytest.fixture
def panel(loaded, pictures, tmp_path, qtbot):
    trained.open_run(qtbot, loaded, trained.run(pictures, tmp_path / "run"))
    made = ExplorePanel(loaded)
    qtbot.addWidget(made)
    made.resize(1300, 800)
    made.show()
    qtbot.waitUntil(lambda: made.map.layout_shown is not None, timeout=30_000)
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=30_000)
    yield made
    made.layouts.close()
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=30_000)


def dialled(panel, qtbot, row=3):
    panel.pin(int(panel.map.probe.index[row]))
    panel.column.show_page("dial")
    qtbot.waitUntil(lambda: settled(panel.dial), timeout=60_000)
    return panel.dial


def settled(dial):
    return dial._shown is not None and dial._shown.asked == dial._asked


def test_without_an_image_it_says_what_to_do(panel):
    panel.column.show_page("dial")
    assert panel.dial.empty.isVisible()
    assert "Click a point" in panel.dial.empty.text


def test_turning_it_up_draws_the_path_on_the_map(panel, qtbot):
    dial = dialled(panel, qtbot)
    assert dial.choice.currentData() == "rotation"
    last = dial.slider.maximum()
    assert dial.slider.value() == last
    trails = panel.map.map._trails
    assert trails.paths.shape == (last + 1, 1, 2)
    assert trails.now == last
    np.testing.assert_allclose(trails.paths[0, 0], panel.map.layout_shown.points[3], atol=0.02)
    assert dial.strength.text() == "180°"
    dial.slider.setFocus()
    for _ in range(3):
        qtbot.keyClick(dial.slider, Qt.Key.Key_Left)
    assert panel.map.map._trails.now == last - 3
    assert dial.strength.text() == dial._shown.words[last - 3]
    assert f"{dial._shown.cosines[last - 3]:.2f}" in dial.words.text()
    qtbot.keyClick(dial.slider, Qt.Key.Key_Home)
    assert "still nearest to itself" in dial.words.text()
    assert "Cosine with the image itself 1.00: 100 % of what" in dial.words.text()


def test_another_augmentation_and_other_draws(panel, qtbot):
    dial = dialled(panel, qtbot)
    before = dial._shown
    dial.choice.setCurrentIndex(dial.choice.findData("crop"))
    qtbot.waitUntil(lambda: settled(dial) and dial._shown is not before, timeout=60_000)
    assert dial._shown.title == "Crop"
    assert dial.scale.text() == "area kept (%)"
    crop = dial._shown
    qtbot.mouseClick(dial.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: settled(dial) and dial._shown is not crop, timeout=60_000)
    assert dial._shown.cosines.tolist() != crop.cosines.tolist()
    dial.choice.setCurrentIndex(dial.choice.findData("flip"))
    qtbot.waitUntil(
        lambda: settled(dial) and dial._shown.title == "Horizontal flip", timeout=60_000
    )
    assert dial.slider.maximum() == 1


def test_a_click_on_the_map_stays_with_the_dial(panel, qtbot):
    dial = dialled(panel, qtbot)
    before = dial._shown
    panel.map.pinned.emit(5)
    assert panel.column.page == "dial"
    qtbot.waitUntil(lambda: settled(dial) and dial._shown is not before, timeout=60_000)
    assert dial._shown.asked.position == 5
    panel.map.pinned.emit(-1)
    assert dial._shown.asked.position == 5
    panel.column.show_page("near")
    panel.map.pinned.emit(4)
    assert panel.column.page == "near"


def test_the_path_leaves_with_the_page_and_comes_back(panel, qtbot):
    dialled(panel, qtbot)
    panel.column.show_page("find")
    assert panel.map.map._trails is None
    panel.column.show_page("dial")
    assert panel.map.map._trails is not None


def test_everything_can_be_reached_and_follows_the_theme(panel, qtbot):
    dial = dialled(panel, qtbot)
    assert unnamed(dial) == []
    before = panel.map.map._trails.colours.copy()
    theme.current().apply("light")
    assert not np.array_equal(panel.map.map._trails.colours, before)
    assert dial.area.horizontalScrollBar().maximum() == 0
    panel.resize(900, 560)
    assert panel.column.tabs.tabText(0) == "Near"
    panel.resize(1500, 800)
    assert panel.column.tabs.tabText(0) == "Neighbours"


def test_a_run_without_an_encoder_is_told(loaded, opened, qtbot):
    card = DialCard(opened, EncoderAt(), Banks())
    qtbot.addWidget(card)
    card.show()
    from app.panels.explore_probe import Probe

    features = np.random.default_rng(0).normal(size=(24, 6)).astype(np.float32)
    space = Space("run", 10, 1.0, np.arange(24), features)
    layout = Layout(space, FLAT, features[:, :2])
    heard = []
    card.path_changed.connect(heard.append)
    card.set_layout(layout, Probe(space.index, opened.catalogue, opened.recipe))
    card.set_pinned(2)
    qtbot.waitUntil(lambda: "no encoder" in card.words.text(), timeout=30_000)
    assert heard[-1] is None
    assert not card.slider.isEnabled()
    card.set_layout(None, None)
    assert card.empty.isVisible()
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)
