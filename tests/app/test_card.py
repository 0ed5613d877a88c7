from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.card import Card, label, tell


def test_legend_is_written_in_the_colours_of_its_lines(qtbot):
    card = Card("Loss", legend=[("total", "#56B4E9"), ("invariance", "#E69F00")])
    qtbot.addWidget(card)
    text = card._legend.text()
    assert "#56B4E9" in text
    assert text.index("total") < text.index("invariance")
    card.set_legend([])
    assert card._legend.isHidden()


def test_head_hides_without_words_and_shows_with_an_action(qtbot):
    card = Card()
    qtbot.addWidget(card)
    card.show()
    assert not card._head.isVisible()
    card.add_action(QPushButton("Again"))
    assert card._head.isVisible()
    card.set_title("Views")
    assert card.title == "Views"
    assert card.accessibleName() == "Views"


def test_figure_is_larger_than_body(qtbot):
    figure, body = label("71.4 %", "figure"), label("71.4 %")
    for one in (figure, body):
        qtbot.addWidget(one)
        one.ensurePolished()
    assert figure.sizeHint().height() > 1.4 * body.sizeHint().height()


def test_names_are_words_even_if_they_look_like_tags(qtbot):
    made = label("<b>cat</b>")
    plain = label("xbxcatxxbx")
    for one in (made, plain):
        qtbot.addWidget(one)
    assert made.textFormat() == Qt.TextFormat.PlainText
    assert made.sizeHint().width() > 0.8 * plain.sizeHint().width()
    card = Card("Loss", legend=[("<i>dog</i>", "#56B4E9")])
    qtbot.addWidget(card)
    assert "&lt;i&gt;dog&lt;/i&gt;" in card._legend.text()


def test_what_is_told_has_a_role_and_hides_without_words(qtbot):
    where = label("")
    qtbot.addWidget(where)
    tell(where, "Could not be written", "danger")
    assert (where.text(), where.property("role")) == ("Could not be written", "danger")
    assert not where.isHidden()
    tell(where, "")
    assert where.isHidden()
    assert where.property("role") == ""
