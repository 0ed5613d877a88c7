import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.data_split import SplitCard, describe
from sslcore.data import demo_kinds
from tests.app.forms.wheel import turn
from tests.sslcore.data.pictures import save


@pytest.fixture
def card(opened, qtbot):
    made = SplitCard(opened)
    qtbot.addWidget(made)
    made.show()
    opened.recipe_changed.connect(made.refresh)
    made.refresh()
    qtbot.waitUntil(lambda: bool(made.result.text()), timeout=5_000)
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=5_000)


def typed(qtbot, spin, text):
    spin.setFocus()
    spin.selectAll()
    qtbot.keyClicks(spin, text)
    qtbot.keyClick(spin, Qt.Key.Key_Return)


def test_every_control_shows_and_changes_its_field(card, opened, qtbot):
    fields = {
        "image_size": (card.image_size, "32", 32),
        "held_out": (card.held_out, "25", 0.25),
        "split_seed": (card.seed, "7", 7),
        "limit": (card.limit, "10", 10),
    }
    for name, (spin, keys, value) in fields.items():
        typed(qtbot, spin, keys)
        assert getattr(opened.recipe.data, name) == value, name
    changed = {"data.image_size": 48, "data.held_out": 0.4, "data.split_seed": 1}
    opened.set_recipe(opened.recipe.with_set(changed))
    assert (card.image_size.value(), card.held_out.value(), card.seed.value()) == (48, 40, 1)


def test_scrolling_the_page_changes_nothing_under_the_mouse(card, opened):
    recipe, catalogue = opened.recipe, opened.catalogue
    card.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    card.setFocus()  # as in the window, where none of these has the keyboard at first
    for widget in (*card.answers.values(), card.image_size, card.held_out, card.seed, card.limit):
        turn(widget, -120)
    assert opened.recipe == recipe
    assert not opened.tasks.running(), "no folder is read again"
    assert opened.catalogue is catalogue


def test_the_result_says_what_the_split_makes(card, opened, qtbot):
    opened.set_recipe(opened.recipe.with_set({"data.held_out": 0.5, "data.limit": 6}))
    said = "6 to train on, 12 held out, every class in proportion."
    qtbot.waitUntil(lambda: card.result.text() == said, timeout=5_000)


def test_no_limit_is_called_all(card, opened, qtbot):
    assert card.limit.text() == "all"
    typed(qtbot, card.limit, "10")
    typed(qtbot, card.limit, "0")
    assert opened.recipe.data.limit is None


def test_half_a_number_does_not_open_stores_on_the_way(card, opened, qtbot):
    seen = []
    opened.recipe_changed.connect(lambda: seen.append(opened.recipe.data.image_size))
    typed(qtbot, card.image_size, "128")
    assert seen == [128]


@pytest.mark.parametrize(
    ("own", "classes", "excluded", "words"),
    [
        (True, ("a",), [], "20 to train on, 4 held out, as the folder's own splits say."),
        (False, ("a",), [], "20 to train on, 4 held out, every class in proportion."),
        (False, (), [3], "20 to train on, 4 held out, drawn at random."),
        (False, (), [3, 7, 8], "20 to train on, 4 held out, 2 excluded, drawn at random."),
    ],
)
def test_the_rule_of_the_split_is_named(own, classes, excluded, words):
    class Data:
        def split(self, catalogue):
            self.train, self.held_out, self.excluded = range(20), range(4), excluded
            return self

    class Folder:
        groups = sequences = None

    Folder.classes = classes
    assert describe(Folder(), Data(), own) == words
    Folder.groups = np.arange(24) // 4
    if not own:
        assert describe(Folder(), Data(), own) == f"{words[:-1]}, groups whole."
        Folder.sequences = object()
    assert describe(Folder(), Data(), own) == words


def test_what_the_folder_holds_can_be_overruled(card, opened, qtbot):
    told = []
    opened.notice.connect(lambda *words: told.append(words[1]))

    def choose(key):
        kind = card.answers["kind"]
        kind.setCurrentIndex(kind.findData(key))
        kind.activated.emit(kind.currentIndex())

    choose("pairs")
    qtbot.waitUntil(lambda: bool(told), timeout=10_000)
    assert "needs pairs: two folders" in told[0]
    qtbot.waitUntil(lambda: card.answers["kind"].currentData() == "auto", timeout=5_000)
    assert opened.recipe.data.kind == "auto"
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        choose("images")
    assert opened.recipe.data.kind == "images"
    assert opened.catalogue.kinds == ("images",)


def test_frames_and_words_are_asked_only_of_folders_that_have_them(card, opened, qtbot, tmp_path):
    of_frames, of_words = (card.frames, card.step), (card.vocabulary, card.words)
    assert not any(spin.isVisible() for spin in of_frames + of_words)
    for kind, spins, others in (
        ("sequences", of_frames, of_words),
        ("captions", of_words, of_frames),
    ):
        folder = demo_kinds.make(tmp_path / kind, kind, count=4, size=16)
        with qtbot.waitSignal(opened.catalogue_changed, timeout=20_000):
            opened.open_folder(folder)
        card.refresh()
        assert all(spin.isVisible() for spin in spins), kind
        assert not any(spin.isVisible() for spin in others), kind
        assert card.answers["captions"].isVisible() == (kind == "captions")
        for spin in spins:
            typed(qtbot, spin, "7")
    data = opened.recipe.data
    assert (data.frames, data.frame_step, data.vocabulary, data.caption_words) == (7, 7, 7, 7)


def test_own_test_images_can_be_left_for_later(card, opened, qtbot, tmp_path):
    assert not card.source.isVisible(), "the folder has no splits of its own"
    for split, number in (("train", 20), ("test", 5)):
        for one in range(number):
            save(tmp_path / "own" / split / f"{one}.png", seed=one)
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        opened.open_folder(tmp_path / "own")
    card.refresh()
    said = "20 to train on, 5 held out, as the folder's own splits say."
    qtbot.waitUntil(lambda: card.result.text() == said, timeout=5_000)
    assert card.source.isVisible()
    assert not card.held_out.isEnabled()
    card.source.setFocus()
    qtbot.keyClick(card.source, Qt.Key.Key_Down)
    assert opened.recipe.data.held_out_from == "train"
    said = "17 to train on, 3 held out, drawn at random."
    qtbot.waitUntil(lambda: card.result.text() == said, timeout=5_000)
    assert card.held_out.isEnabled()
