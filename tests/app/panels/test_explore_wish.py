import pytest
from PySide6.QtCore import Qt

from app.panels.explore_search import ALIKE, CLASSES, DENSE, EQUAL, FAR, FILES, Wish
from app.panels.explore_wish import HELP, KINDS, SENTENCE, WAYS, WishForm
from tests.app.panels.reachable import unnamed


@pytest.fixture
def form(qtbot):
    made = WishForm()
    qtbot.addWidget(made)
    made.resize(340, 300)
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(form):
    fields = (form.sentence, form.way, form.cosine, form.neighbours, form.images, form.seed)
    return [field.accessibleName() for field in fields if field.isVisible()]


def test_every_search_shows_its_fields_and_says_what_it_does(form, qtbot):
    seen = []
    form.kind.setFocus()
    for _ in KINDS:
        seen.append((form.kind.currentText(), shown(form)))
        assert form.help.text() == HELP[form.wish.kind, form.wish.way]
        assert not unnamed(form)
        qtbot.keyClick(form.kind, Qt.Key.Key_Down)
    assert seen == [
        ("Near-duplicates", ["What is alike", "Cosine at least"]),
        ("Outliers", ["Apart from", "Images"]),
        ("Mislabelled", ["Votes", "Neighbours asked"]),
        ("Most typical", ["Typical of", "Images"]),
        ("Most diverse", ["Images", "Seed"]),
    ]


def test_files_have_no_cosine(form, qtbot):
    form.way.setFocus()
    qtbot.keyClick(form.way, Qt.Key.Key_Down)
    assert shown(form) == ["What is alike"]
    assert form.wish.way == FILES
    assert "content" in form.help.text()


def test_the_wish_is_what_stands_in_the_fields(form, qtbot):
    assert form.wish == Wish("Near-duplicates", ALIKE, 0.98)
    qtbot.keyClick(form.cosine, Qt.Key.Key_Up)
    assert form.wish.number == 0.985
    form.kind.setFocus()
    qtbot.keyClick(form.kind, Qt.Key.Key_Down)
    assert form.wish == Wish("Outliers", FAR, 50)
    qtbot.keyClick(form.kind, Qt.Key.Key_Down)
    qtbot.keyClick(form.neighbours, Qt.Key.Key_Up)
    assert form.wish == Wish("Mislabelled", EQUAL, 11)
    qtbot.keyClick(form.kind, Qt.Key.Key_Down)
    assert form.wish == Wish("Most typical", CLASSES, 50)
    qtbot.keyClick(form.way, Qt.Key.Key_Down)
    assert form.wish.way == DENSE
    qtbot.keyClick(form.kind, Qt.Key.Key_Down)
    qtbot.keyClick(form.images, Qt.Key.Key_Down)
    qtbot.keyClick(form.seed, Qt.Key.Key_Up)
    assert form.wish == Wish("Most diverse", "", 49, 1)


def test_a_sentence_is_typed_where_the_run_reads_them(form, qtbot):
    form.offer_sentences(True, "a small red star")
    form.kind.setFocus()
    qtbot.keyClick(form.kind, Qt.Key.Key_End)
    assert form.kind.currentText() == SENTENCE
    assert shown(form) == ["Sentence", "Images"]
    assert form.help.text() == HELP[SENTENCE, ""]
    assert not unnamed(form)
    assert form.sentence.placeholderText() == "Such as: a small red star"
    qtbot.mouseClick(form.sentence, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(form.changed):
        qtbot.keyClicks(form.sentence, "two dogs")
    assert form.wish == Wish(SENTENCE, "", 50, text="two dogs")
    with qtbot.waitSignal(form.entered):
        qtbot.keyClick(form.sentence, Qt.Key.Key_Return)
    form.offer_sentences(True)  # another map of the same run
    assert form.kind.count() == len(KINDS) + 1
    assert form.wish.text == "two dogs"
    assert form.sentence.placeholderText() == "A sentence"


def test_a_run_without_words_takes_the_sentence_out_of_the_choice(form, qtbot):
    form.offer_sentences(True)
    form.kind.setFocus()
    qtbot.keyClick(form.kind, Qt.Key.Key_End)
    qtbot.keyClicks(form.sentence, "two dogs")
    form.offer_sentences(False)
    assert form.wish == Wish("Near-duplicates", ALIKE, 0.98)
    assert shown(form) == ["What is alike", "Cosine at least"]
    assert form.kind.count() == len(KINDS)
    qtbot.keyClick(form.kind, Qt.Key.Key_Down)
    form.offer_sentences(False)
    assert form.wish.kind == "Outliers"


def test_every_way_is_explained():
    ways = {(kind, way) for kind, (_, ways) in WAYS.items() for way in ways or ("",)}
    assert set(HELP) == ways


def test_names_stand_above_fields_where_both_do_not_fit_side_by_side(qtbot):
    form = WishForm()
    qtbot.addWidget(form)
    form.setMinimumWidth(1)
    form.resize(340, 500)
    form.show()
    name = next(one for one, field in form._lines if field is form.cosine)
    qtbot.waitUntil(lambda: name.geometry().right() < form.cosine.x())
    assert abs(name.geometry().center().y() - form.cosine.geometry().center().y()) < 4
    form.resize(220, 500)
    qtbot.waitUntil(lambda: name.geometry().bottom() <= form.cosine.y())
    assert form.cosine.geometry().right() < 220
    assert form.way.geometry().right() < 220
    form.resize(340, 500)
    qtbot.waitUntil(lambda: name.geometry().right() < form.cosine.x())
