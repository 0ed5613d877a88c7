from PySide6.QtWidgets import QPushButton

from app.card import Card, label


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
