from app.forms.unit_line import UnitLine


def test_the_unit_is_painted_and_not_part_of_the_text(qtbot):
    plain, line = UnitLine(), UnitLine("epochs")
    for one in (plain, line):
        qtbot.addWidget(one)
        one.resize(140, 28)
        one.setText("50")
    assert line.text() == "50"
    assert line.textMargins().right() > 20
    assert plain.textMargins().right() == 0
    assert line.grab().toImage() != plain.grab().toImage()
    assert line.number_width() > plain.number_width()
