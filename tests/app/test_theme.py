import re

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel

from app import theme


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", theme.NAMES)
def test_words_stand_out_from_every_ground(name):
    tokens = theme.tokens_of(name)
    for ground in (tokens.background, tokens.surface, tokens.raised):
        assert contrast(tokens.text, ground) > 7
        assert contrast(tokens.muted, ground) > 4.5
    assert contrast(tokens.on_accent, tokens.accent) > 4.5
    for verdict in (tokens.good, tokens.warning, tokens.danger, tokens.accent):
        assert contrast(verdict, tokens.surface) > 4.5


@pytest.mark.parametrize("name", theme.NAMES)
def test_style_sheet_leaves_no_token_unresolved(name):
    sheet = theme.style_sheet(theme.tokens_of(name))
    assert not re.findall(r"@\w+", sheet)
    assert theme.tokens_of(name).accent in sheet


def test_toggle_dresses_the_application_and_tells(qapp, qtbot):
    label = QLabel("words")
    qtbot.addWidget(label)
    with qtbot.waitSignal(theme.current().changed):
        theme.current().toggle()
    assert theme.tokens() == theme.tokens_of("light")
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == "#F4F6F8"
    assert "#FFFFFF" in qapp.styleSheet()


def test_mixed_goes_from_one_colour_to_the_other():
    assert theme.mixed("#000000", "#ffffff", 0.0) == "#000000"
    assert theme.mixed("#000000", "#ffffff", 1.0) == "#ffffff"
    assert theme.mixed("#000000", "#64c832", 0.5) == "#326419"


def test_role_changes_the_look_of_a_shown_widget(qtbot):
    label = QLabel("words")
    qtbot.addWidget(label)
    label.show()
    theme.set_role(label, "danger")
    assert label.palette().color(label.foregroundRole()).name().upper() == theme.tokens().danger


@pytest.mark.parametrize("name", theme.NAMES)
def test_series_colours_can_be_read_as_words(name):
    tokens = theme.tokens_of(name)
    for colour in tokens.series:
        words = theme.readable(colour, tokens.surface)
        assert contrast(words, tokens.surface) >= 4.49
        if contrast(colour, tokens.surface) >= 4.51:
            assert words == colour.lower()


def test_contrast_is_that_of_the_guideline():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_a_face_is_its_owner_s_to_change():
    mine = theme.font(12)
    mine.setItalic(True)
    assert not theme.font(12).italic()
    assert theme.font(12).pixelSize() == 12
    assert theme.font(12, bold=True).weight() > theme.font(12).weight()
