import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QPixmap

from app import contact_sheet as module
from app import theme
from app import thumbnails as store
from app.contact_sheet import ContactSheet
from app.tasks import Ticket
from sslcore.data.reading import Reading


@pytest.fixture
def sheet(opened, qtbot):
    made = ContactSheet(opened.tasks)
    qtbot.addWidget(made)
    made.resize(430, 330)
    made.show()
    made.show_rows(opened.catalogue, range(len(opened.catalogue)))
    settled(opened, qtbot)
    return made


def settled(workspace, qtbot):
    qtbot.wait(3 * module.FRAME)
    qtbot.waitUntil(lambda: not workspace.tasks.running(), timeout=20_000)


def test_cells_fill_the_width_and_points_find_them(sheet, opened):
    columns = sheet.columns()
    assert columns > 2
    right = sheet.cell(columns - 1).right()
    assert 0 <= sheet.viewport().width() - 1 - right < columns
    for position in (0, 1, columns, columns + 2):
        cell = sheet.cell(position)
        assert sheet.position_at(cell.center()) == position
        assert sheet.position_at(cell.bottomRight() + QPoint(2, 2)) == -1
    sheet.show_rows(opened.catalogue, range(2))
    assert sheet.position_at(sheet.cell(2).center()) == -1, "there is no third image"


def test_rows_are_those_of_the_catalogue_in_any_kind_of_list(sheet, opened):
    for rows in ([20, 3], np.array([20, 3], np.int32), range(20, 2, -17)):
        sheet.show_rows(opened.catalogue, rows)
        assert sheet.rows.tolist() == [20, 3]
        assert sheet.count == 2
    assert isinstance(sheet.picture(20), QPixmap), "read before, kept"
    sheet.show_rows(None, ())
    assert (sheet.count, sheet.picture(20)) == (0, None)
    assert not sheet.grab().isNull()


def test_only_what_is_near_sight_is_read_and_the_oldest_is_forgotten(opened, qtbot, monkeypatch):
    monkeypatch.setattr(store, "KEPT", 8 * 4 * 34 * 34)
    monkeypatch.setattr(store, "SIDES", (34, 128))
    made = ContactSheet(opened.tasks)
    qtbot.addWidget(made)
    made.set_side(32)
    made.resize(120, 40)
    made.show()
    made.show_rows(opened.catalogue, range(24))
    settled(opened, qtbot)
    assert isinstance(made.picture(0), QPixmap)
    assert made.picture(20) is None
    made.bring_into_sight(23)
    settled(opened, qtbot)
    kept = [row for row in range(24) if made.picture(row) is not None]
    assert len(kept) <= 8 * 34 * 34 / 24**2
    assert set(made.visible_positions()) <= set(kept)


def test_a_hidden_sheet_reads_nothing_until_it_is_shown(opened, qtbot):
    made = ContactSheet(opened.tasks)
    qtbot.addWidget(made)
    made.show_rows(opened.catalogue, range(24))
    settled(opened, qtbot)
    assert made.picture(0) is None
    made.show()
    settled(opened, qtbot)
    assert made.picture(0) is not None


def test_a_page_ahead_and_one_behind_are_read_too(core, opened, tmp_path, qtbot):
    for number in range(120):
        Image.new("L", (8, 8)).save(tmp_path / f"{number:03d}.png")
    catalogue = core.scan(tmp_path, Ticket(lambda: None), Reading(labels="none"))
    made = ContactSheet(opened.tasks)
    qtbot.addWidget(made)
    made.resize(330, 220)
    made.show()
    made.show_rows(catalogue, range(120))
    made.verticalScrollBar().setValue(10 * made.step())
    settled(opened, qtbot)
    seen = made.visible_positions()
    known = {row for row in range(120) if made.picture(row) is not None}
    assert set(range(seen.start - 6, seen.stop + 6)) <= known
    assert 119 not in known


def test_what_is_looked_at_stays_when_the_size_or_the_width_changes(sheet):
    sheet.bring_into_sight(23)
    first = sheet.visible_positions().start
    for act in (lambda: sheet.set_side(60), lambda: sheet.resize(260, 330)):
        act()
        assert first in sheet.visible_positions()
    sheet.set_side(20)
    assert sheet.side == module.SMALLEST
    sheet.set_side(2000)
    assert sheet.side == module.LARGEST


def test_sections_have_headings_and_captions_one_for_each(sheet, opened):
    parts = [("cats", [1, 2, 3, 4, 5]), ("none", []), ("dogs", np.array([13, 14]))]
    asked = []
    sheet.show_rows(opened.catalogue, (), lambda at: asked.append(at) or f"{at}", parts)
    assert sheet.rows.tolist() == [1, 2, 3, 4, 5, 13, 14]
    columns = sheet.columns()
    below = sheet.cell(columns).top() - sheet.cell(0).top()
    assert sheet.cell(5).top() > sheet.cell(4).top() + below, "a heading lies between"
    assert sheet.cell(5).left() == 0, "a section begins a line"
    sheet.grab()
    assert set(asked) == set(sheet.visible_positions())
    asked.clear()
    sheet.set_side(40)
    sheet.grab()
    assert asked == [], "there is no room for words"
    with pytest.raises(ValueError, match="1 captions for 2 images"):
        sheet.show_rows(opened.catalogue, [1, 2], ["one"])
    sheet.bring_into_sight(0)
    assert sheet.verticalScrollBar().value() == 0, "the heading is seen with its first line"


def test_a_million_images_are_laid_out_and_read_by_the_screenful(sheet, opened, qtbot):
    rows = np.arange(1_000_000) % 24
    sheet.show_rows(opened.catalogue, rows)
    sheet.bring_into_sight(999_999)
    bar = sheet.verticalScrollBar()
    assert bar.value() == bar.maximum() < 2**31
    assert sheet.visible_positions().stop == 1_000_000
    assert len(sheet.visible_positions()) < 40
    assert sheet.cell(999_999).bottom() <= sheet.viewport().height()
    settled(opened, qtbot)


def test_pictures_come_up_on_grey_tiles(opened, qtbot):
    theme.current().apply("light")
    made = ContactSheet(opened.tasks)
    qtbot.addWidget(made)
    made.resize(430, 330)
    made.show()
    made.show_rows(opened.catalogue, range(24))
    middle = made.cell(0).center()
    tile = made.grab().toImage().pixelColor(middle).name()
    assert tile == theme.mixed(theme.tokens().raised, theme.tokens().border, 0.4)
    settled(opened, qtbot)
    qtbot.waitUntil(lambda: not made._tiles.fading(), timeout=20_000)
    shown = made.grab().toImage()
    corner = made.cell(0)
    colours = {
        shown.pixelColor(corner.left() + x, corner.top() + 30).name() for x in range(10, 90, 4)
    }
    assert len(colours) > 5, "noise, not a tile"


def test_a_bar_with_nothing_to_scroll_to_is_not_seen_and_keeps_its_room(sheet, opened, qtbot):
    bar = sheet.verticalScrollBar()
    sheet.resize(430, 120)
    assert bar.isEnabled()
    width = sheet.viewport().width()
    sheet.show_rows(opened.catalogue, range(2))
    assert not bar.isEnabled()
    assert sheet.viewport().width() == width
    sheet.show_rows(opened.catalogue, range(24))
    assert bar.isEnabled()
