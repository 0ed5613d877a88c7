import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.commands import Command, Commands
from app.top_bar import Elided, TaskStrip, TopBar
from tests.app.panels.reachable import unnamed


@pytest.fixture
def commands(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    made = Commands(window)
    made.ran_names = []
    made.ran.connect(made.ran_names.append)
    made.add(Command("palette", "Search commands", lambda: None, "View", "Ctrl+K"))
    made.add(Command("hidden", "Only in the palette", lambda: None))
    return made


@pytest.fixture
def bar(workspace, commands, qtbot):
    made = TopBar(workspace, commands)
    qtbot.addWidget(made)
    made.resize(1200, 48)
    made.show()
    qtbot.waitExposed(made)
    return made


def waiting(ticket):
    ticket.progress(2, 5)
    while not ticket.cancelled():
        threading.Event().wait(0.002)


def test_it_says_what_is_open(bar, workspace, core, pictures, qtbot):
    assert bar.open_words.text() == "no folder is open"
    assert not bar.method.isVisible()
    workspace.take_core(core)
    assert bar.method.text() == "Barlow Twins"
    with qtbot.waitSignal(workspace.catalogue_changed, timeout=20_000):
        workspace.open_folder(pictures)
    assert bar.open_words.accessibleName() == f"{pictures.name} · 24 images · 2 classes"
    assert bar.open_words.toolTip() == str(pictures)
    workspace.set_method("simclr")
    changes = {"backbone.name": "convnet", "data.image_size": 24}
    workspace.set_recipe(workspace.recipe.with_set(changes))
    assert bar.method.text() == "SimCLR"
    assert bar.backbone.text().lower() == "convnet · 24 px"
    assert not unnamed(bar)


def test_chips_lead_to_the_place_where_they_are_changed(bar, workspace, core, qtbot):
    workspace.take_core(core)
    went = []
    bar.went.connect(went.append)
    for chip in (bar.method, bar.backbone):
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert went == ["method", "method"]


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_search_opens_the_palette_and_the_brand_every_command(bar, commands, qtbot):
    qtbot.mouseClick(bar.search, Qt.MouseButton.LeftButton)
    assert commands.ran_names == ["palette"]
    qtbot.mouseClick(bar.brand, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    found = {action.text() for one in menu.findChildren(QMenu) for action in one.actions()}
    assert found == {"Search commands"}
    menu.close()


def test_the_strip_shows_the_oldest_loud_job_and_cancels_it(workspace, qtbot):
    strip = TaskStrip(workspace)
    qtbot.addWidget(strip)
    start = workspace.tasks.start
    quiet = start("Thumbnails", waiting, quiet=True)
    assert strip.isHidden()
    first, second = start("Counting", waiting), start("Measuring", waiting)
    qtbot.waitUntil(lambda: strip.bar.value() == 2, timeout=5_000)
    assert strip.words.text() == "Counting (+1)"
    assert strip.bar.maximum() == 5
    with qtbot.waitSignal(first.ended, timeout=5_000):
        qtbot.mouseClick(strip.button, Qt.MouseButton.LeftButton)
    assert strip.words.text() == "Measuring"
    assert second.running
    with qtbot.waitSignal(second.ended, timeout=5_000):
        qtbot.mouseClick(strip.button, Qt.MouseButton.LeftButton)
    assert strip.isHidden()
    assert quiet.running
    quiet.cancel()
    qtbot.waitUntil(lambda: not quiet.running, timeout=5_000)


def test_long_words_give_way_in_their_middle(qtbot):
    words = Elided()
    qtbot.addWidget(words)
    text = "a folder with a very long name indeed · 3,000 images"
    words.set_words(text)
    words.resize(words.sizeHint())
    words.show()
    assert words.text() == text
    words.resize(120, 20)
    assert "…" in words.text()
    assert words.text()[0] == "a"
    assert words.text()[-1] == "s"
    assert words.fontMetrics().horizontalAdvance(words.text()) <= 120
    assert words.accessibleName() == text
    assert words.minimumSizeHint().width() <= 60


def test_where_it_is_narrow_a_running_job_can_be_read_whole(loaded, bar, qtbot):
    go = threading.Event()
    task = loaded.tasks.start("Preparing the demo set", lambda _: go.wait(10))
    for width, words in ((1024, "Search    Ctrl+K"), (1440, "Search or run a command    Ctrl+K")):
        bar.resize(width, 48)
        qtbot.waitUntil(lambda words=words: bar.search.text() == words)
        job = bar.strip.words
        qtbot.waitUntil(lambda job=job: job.width() >= job.sizeHint().width(), timeout=2_000)
    go.set()
    qtbot.waitUntil(lambda: not task.running, timeout=5_000)
