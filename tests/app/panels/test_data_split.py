import pytest
from PySide6.QtCore import Qt

from app.panels.data_split import SplitCard, describe
from tests.app.forms.wheel import turn


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
    for widget in (card.labels, card.kind, card.image_size, card.held_out, card.seed, card.limit):
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
        pass

    Folder.classes = classes
    assert describe(Folder(), Data(), own) == words


def test_what_the_folder_holds_can_be_overruled(card, opened, qtbot):
    told = []
    opened.notice.connect(lambda *words: told.append(words[1]))

    def choose(key):
        card.kind.setCurrentIndex(card.kind.findData(key))
        card.kind.activated.emit(card.kind.currentIndex())

    choose("pairs")
    qtbot.waitUntil(lambda: bool(told), timeout=10_000)
    assert "needs pairs: two folders" in told[0]
    qtbot.waitUntil(lambda: card.kind.currentData() == "auto", timeout=5_000)
    assert opened.recipe.data.kind == "auto"
    with qtbot.waitSignal(opened.catalogue_changed, timeout=10_000):
        choose("images")
    assert opened.recipe.data.kind == "images"
    assert opened.catalogue.kinds == ("images",)
