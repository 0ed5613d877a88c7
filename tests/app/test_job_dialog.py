from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QProgressBar, QPushButton, QVBoxLayout

from app.job_dialog import lay_out, name_button


def test_the_main_button_is_the_last_and_nothing_is_told_yet(qtbot):
    dialog = QDialog()
    qtbot.addWidget(dialog)
    fields = QVBoxLayout()
    fields.addWidget(QLineEdit())
    told, bar = QLabel("done"), QProgressBar()
    aside, close, start = QPushButton("Show"), QPushButton("Close"), QPushButton("Start")
    lay_out(dialog, "Write it", fields, told, bar, (close, start), aside)
    dialog.resize(420, 240)
    dialog.show()
    assert not told.isVisible()
    assert not bar.isVisible()
    assert dialog.findChild(QLabel).text() == "Write it"
    assert aside.x() < close.x() < start.x()
    assert start.geometry().right() > 420 - 40
    assert aside.x() < 40


def test_a_button_is_named_for_eye_and_screen_reader(qtbot):
    button = QPushButton("Close")
    qtbot.addWidget(button)
    name_button(button, "Cancel")
    assert (button.text(), button.accessibleName()) == ("Cancel", "Cancel")
