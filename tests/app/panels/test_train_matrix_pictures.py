from app.panels import train_matrix_pictures
from app.panels.train_matrix_pictures import CellPictures


def test_pictures_are_read_once_and_kept(opened, qtbot, monkeypatch):
    pictures = CellPictures(opened, opened)
    assert pictures.get(3) is None
    with qtbot.waitSignal(pictures.arrived, timeout=20_000):
        pictures.ask([3, 5, 3])
    assert pictures.get(3).width() == 24
    assert pictures.get(5) is not None
    asked = []
    monkeypatch.setattr(opened, "sample", lambda rows, *_: asked.append(list(rows)))
    pictures.ask([3, 5])
    assert asked == []
    pictures.ask([7, 3])
    assert asked == [[7]]


def test_the_oldest_are_forgotten_and_all_of_another_folder(opened, qtbot, monkeypatch):
    monkeypatch.setattr(train_matrix_pictures, "KEPT", 2)
    pictures = CellPictures(opened, opened)
    with qtbot.waitSignal(pictures.arrived, timeout=20_000):
        pictures.ask([1, 2, 3])
    assert [row for row in (1, 2, 3) if pictures.get(row) is not None] == [2, 3]
    opened.catalogue_changed.emit()
    assert pictures.get(3) is None
