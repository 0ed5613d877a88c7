import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter
from PySide6.QtWidgets import QApplication, QToolTip

from app import theme
from app.panels.view_encoder import Cosine, Likeness, Moved
from app.panels.view_images import Pictures, view_colour, word_colour
from app.panels.view_montage import paint_picture
from app.panels.view_render import Preview, Seen, Wish
from sslcore.augment.view import View, ViewPlan


def flat(colour, side=16):
    made = QImage(side, side, QImage.Format.Format_RGB888)
    made.fill(QColor(colour))
    return made


def likeness(*names, value=0.5, pictures=1):
    moved = Moved(
        (Cosine("to the original", value, 0.3), Cosine("to view B", 0.25, 0.2)), (value,) * pictures
    )
    return Likeness("first-run", 12, dict.fromkeys(names, moved))


def preview(count=2, numbers=(("Grey", "yes"), ("Flip", "off")), boxes=(), answers=()):
    views = tuple(
        Seen(f"v{n}", f"View {n}", (flat("#00ff00"),) * max(len(answers), 1), tuple(numbers),
             tuple(boxes), tuple(answers))
        for n in range(count)
    )  # fmt: skip
    plan = ViewPlan(views=tuple(View(name=one.name) for one in views))
    wish = Wish(plan, 0, 0, "v0")
    return Preview(wish, flat("#ff0000"), views, (flat("#0000ff"),) * 8, ())


@pytest.fixture
def pictures(qtbot):
    made = Pictures()
    qtbot.addWidget(made)
    made.resize(900, 460)
    made.show()
    return made


def count(image, colour, area=None):
    """Pixels of about a colour."""
    wanted = QColor(colour)
    area = area or image.rect()
    found = 0
    for y in range(area.top(), area.bottom() + 1, 2):
        for x in range(area.left(), area.right() + 1, 2):
            seen = image.pixelColor(x, y)
            far = [abs(a - b) for a, b in zip(seen.getRgb(), wanted.getRgb(), strict=True)]
            found += max(far) < 12
    return found


def test_original_and_views_stand_side_by_side(pictures):
    pictures.show_preview(preview())
    image, side = pictures.grab().toImage(), pictures.side()
    assert side > 150
    middle = [pictures.column(n) + side // 2 for n in range(3)]
    colours = [image.pixelColor(x, 26 + side // 2).name() for x in middle]
    assert colours == ["#ff0000", "#00ff00", "#00ff00"]
    assert pictures.column(2) + side <= pictures.width()
    assert pictures.accessibleDescription() == (
        "View 0: Grey yes, Flip off; View 1: Grey yes, Flip off"
    )


def test_crops_are_drawn_on_the_original_in_the_colour_of_their_view(pictures):
    pictures.show_preview(preview(1))
    plain = pictures.grab().toImage()
    pictures.show_preview(preview(1, boxes=((0.25, 0.5, 0.5, 0.25),)))
    boxed = pictures.grab().toImage()
    side = pictures.side()
    colour = view_colour(0)
    whole = plain.rect().adjusted(0, 26, side - plain.width(), side + 26 - plain.height())
    assert count(plain, colour, whole) == 0
    assert count(boxed, colour, whole) > 10
    inside = boxed.pixelColor(round(side * 0.625), 26 + side // 2).name()
    outside = boxed.pixelColor(round(side * 0.25), 26 + side // 2).name()
    assert (inside, outside) == ("#ff0000", "#ff0000")


def test_long_tables_are_cut_and_leave_room_for_pictures(pictures):
    pictures.show_preview(preview(numbers=[("Step", "1")]))
    short = pictures.side()
    pictures.show_preview(preview(numbers=[(f"Step {n}", "1") for n in range(9)]))
    nine = pictures.side()
    pictures.show_preview(preview(numbers=[(f"Step {n}", "1") for n in range(40)]))
    assert short > nine >= pictures.side() >= 24


def test_several_answers_make_a_grid(pictures):
    pictures.show_preview(preview(1, answers=("0°", "90°", "180°", "270°")))
    image, side = pictures.grab().toImage(), pictures.side()
    left = pictures.column(1)
    gap = image.pixelColor(left + side // 2, 26 + side // 4).name()
    assert gap != "#00ff00"
    quarter = [image.pixelColor(left + x * side // 4, 26 + y * side // 4).name()
               for x in (1, 3) for y in (1, 3)]  # fmt: skip
    assert set(quarter) == {"#00ff00"}


def test_nothing_is_painted_before_there_is_something(pictures):
    for name in ("dark", "light"):
        theme.current().apply(name)
        image = pictures.grab().toImage()
        assert len({image.pixelColor(x, 200).name() for x in range(0, 900, 10)}) == 1


def test_few_pixels_are_shown_as_squares_and_many_smoothly():
    image = QImage(2, 1, QImage.Format.Format_RGB888)
    image.setPixelColor(0, 0, QColor("#000000"))
    image.setPixelColor(1, 0, QColor("#ffffff"))
    greys = {}
    for side in (4, 40):
        ground = QImage(side, side // 2, QImage.Format.Format_RGB888)
        ground.fill(QColor("#000000"))
        painter = QPainter(ground)
        paint_picture(painter, QRectF(QPointF(), ground.size().toSizeF()), image)
        painter.end()
        row = [ground.pixelColor(x, side // 4).red() for x in range(side)]
        greys[side] = sum(0 < value < 255 for value in row)
    assert greys[40] == 0
    assert greys[4] > 0


def test_cosines_stand_below_their_view_and_leave_room_for_pictures(pictures):
    pictures.resize(900, 300)
    pictures.show_preview(preview())
    before = pictures.side()
    pictures.show_likeness(likeness("v0"), "What it is.", fresh=True)
    assert 120 < pictures.side() < before
    said = pictures.accessibleDescription().split("; ")
    assert said[0].endswith("cosine to the original 0.50, cosine to view B 0.25")
    assert "cosine" not in said[1]
    assert said[2] == "What it is."
    image, top = pictures.grab().toImage(), 26 + pictures.side() + 8
    for number in range(2):
        left, colour = pictures.column(number + 1), word_colour(number)
        area = QRect(left, top, pictures.side(), 2 * 21)
        assert (count(image, colour, area) > 20) == (number == 0)
    pictures.show_likeness(None, "None yet.", fresh=False)
    assert "cosine" not in pictures.accessibleDescription()


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_mouse_that_rests_on_a_cosine_gets_plain_words(pictures, monkeypatch, name):
    told = []
    # A real tip wants to be raised, which the offscreen platform warns of.
    monkeypatch.setattr(QToolTip, "showText", lambda _at, words, _widget: told.append(words))
    theme.current().apply(name)
    pictures.show_preview(preview())
    pictures.show_likeness(likeness("v0", "v1"), "What it is.", fresh=True)

    def ask(x, y):
        at = QPoint(x, y)
        event = QHelpEvent(QEvent.Type.ToolTip, at, pictures.mapToGlobal(at))
        QApplication.sendEvent(pictures, event)

    below = 26 + pictures.side() + 14
    ask(pictures.column(2) + 10, below)
    (words,) = told
    assert words.startswith("How far does the v1 view move")
    assert "To the original: 0.50, untrained 0.30" in words
    assert "step 12, run first-run" in words
    ask(10, below)
    ask(pictures.column(2) + 10, 60)
    assert told == [words], "elsewhere there is nothing to say"


def test_every_picture_of_a_view_says_how_far_it_was_moved(pictures):
    angles = ("0°", "90°", "180°", "270°")
    pictures.show_preview(preview(1, answers=angles))
    plain = pictures.grab().toImage()
    pictures.show_likeness(likeness("v0", pictures=4), "", fresh=True)
    side, left = pictures.side(), pictures.column(1)
    corner = QRect(left + side // 4, 26 + side // 2 - 24, side // 4 - 6, 18)
    dark = QColor(0, 85, 0)  # the tag's ground over green
    assert count(plain, dark, corner) == 0
    assert count(pictures.grab().toImage(), dark, corner) > 20


def test_a_narrow_column_still_has_its_numbers(pictures):
    pictures.resize(500, 460)
    pictures.show_preview(preview())
    pictures.show_likeness(likeness("v0", "v1"), "What it is.", fresh=True)
    assert pictures.side() >= 100
    left, top = pictures.column(1), 26 + pictures.side() + 8
    area = QRect(left, top, 150, 2 * 17)
    assert count(pictures.grab().toImage(), word_colour(0), area) > 5
