"""Colours of the window, light and dark, from one file of tokens: palette, style sheet, signal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

Name = Literal["dark", "light"]
NAMES: tuple[Name, ...] = ("dark", "light")
READS = 4.5
"""Contrast of small words at least."""


@dataclass(frozen=True)
class Tokens:
    """Every colour of one theme as ``"#rrggbb"``.

    Attributes:
        name: "dark" or "light".
        background, surface, raised, border: from the window's ground up to a button.
        text, muted: words, and words that matter less.
        accent, on_accent: the one colour that says "here"; the text upon it.
        good, warning, danger: verdicts.
        track, handle: the groove and the knob of sliders.
        outline: drawn around series colours that are too pale for the ground, or "".
        series: Okabe-Ito, in order.
        diverging: colours at -1, 0 and 1.
    """

    name: Name
    background: str
    surface: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    good: str
    warning: str
    danger: str
    track: str
    handle: str
    outline: str
    series: tuple[str, ...]
    diverging: tuple[str, str, str]

    @property
    def dark(self) -> bool:
        """Whether the ground is dark."""
        return self.name == "dark"


@cache
def _table() -> dict[str, Any]:
    text = (resources.files("resources") / "theme.json").read_text(encoding="utf-8")
    return json.loads(text)


@cache
def tokens_of(name: Name) -> Tokens:
    """The tokens of a theme by its name."""
    table = _table()
    diverging = table["diverging"]
    return Tokens(
        name=name,
        series=tuple(table["series"]),
        diverging=(diverging["low"], table[name]["surface"], diverging["high"]),
        **table[name],
    )


class Theme(QObject):
    """The theme in use; :attr:`changed` fires after palette and style sheet were replaced."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._name: Name = "dark"

    @property
    def name(self) -> Name:
        """The theme in use."""
        return self._name

    def apply(self, name: Name) -> None:
        """Dress the whole application, then tell everybody who paints by hand."""
        self._name = name
        application = QApplication.instance()
        if isinstance(application, QApplication):
            dress(application, tokens_of(name))
        self.changed.emit()

    def toggle(self) -> None:
        """The other theme."""
        self.apply("light" if self._name == "dark" else "dark")


@cache
def current() -> Theme:
    """The one theme object of the process: connect to ``theme.current().changed``."""
    return Theme()


def tokens() -> Tokens:
    """The tokens in use now; ask again after ``theme.current().changed``."""
    return tokens_of(current().name)


def mixed(first: str, second: str, part: float) -> str:
    """``"#rrggbb"`` on the way from first (part 0) to second (part 1)."""
    a, b = QColor(first), QColor(second)
    channels = (
        round(x + (y - x) * part)
        for x, y in ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    )
    return QColor(*channels).name()


@cache
def readable(colour: str, ground: str) -> str:
    """A colour as words on a ground: moved away from it until it reads.

    Series colours are chosen for areas and lines; as small words some are too pale for the light
    ground or too dark for the dark one (WCAG 2.2, 1.4.3 asks for 4.5 : 1).
    """
    away = "#000000" if contrast("#000000", ground) > contrast("#ffffff", ground) else "#ffffff"
    parts = (step / 20 for step in range(21))
    tried = (mixed(colour, away, part) for part in parts)
    return next((one for one in tried if contrast(one, ground) >= READS), away)


def contrast(first: str, second: str) -> float:
    """Contrast of two colours, 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    lights = sorted((_luminance(first), _luminance(second)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: str) -> float:
    made = QColor(colour)
    linear = [
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4
        for one in (made.redF(), made.greenF(), made.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def font(pixels: int = 13, *, bold: bool = False) -> QFont:
    """The interface's face at a size in pixels, with digits of equal width where it has them."""
    return QFont(_face(pixels, bold=bold))  # a copy: whoever gets it may change it


@cache
def _face(pixels: int, *, bold: bool) -> QFont:
    # Kept, for paint events ask for it at every line of text.
    face = QFont(QApplication.font())
    face.setPixelSize(pixels)
    face.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    if hasattr(face, "setFeature"):
        face.setFeature(QFont.Tag("tnum"), 1)
    return face


def dress(application: QApplication, tokens: Tokens) -> None:
    """Style, palette, face and style sheet: everything that Qt paints by itself."""
    if not application.property("dressed"):
        application.setProperty("dressed", True)
        application.setStyle(QStyleFactory.create("Fusion"))
        face = QFont(application.font())
        face.setPixelSize(13)
        application.setFont(face)
        _face.cache_clear()
    application.setPalette(palette(tokens))
    application.setStyleSheet(style_sheet(tokens))


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget a role of ``workbench.qss`` ("primary", "muted", ...), also when it shows."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def palette(tokens: Tokens) -> QPalette:
    """The tokens as Qt's own roles, for everything no style sheet reaches."""
    role = QPalette.ColorRole
    colours = {
        role.Window: tokens.background,
        role.WindowText: tokens.text,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.raised,
        role.Text: tokens.text,
        role.Button: tokens.raised,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.danger,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
        role.PlaceholderText: tokens.muted,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Link: tokens.accent,
        role.Light: tokens.raised,
        role.Midlight: tokens.raised,
        role.Mid: tokens.border,
        role.Dark: tokens.border,
        role.Shadow: tokens.background,
    }
    made = QPalette()
    for one, colour in colours.items():
        made.setColor(one, QColor(colour))
    faded = QColor(mixed(tokens.muted, tokens.surface, 0.35))
    for one in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, one, faded)
    return made


def style_sheet(tokens: Tokens) -> str:
    """``resources/workbench.qss`` with ``@token`` replaced by its colour."""
    text = (resources.files("resources") / "workbench.qss").read_text(encoding="utf-8")
    values = {
        "@folder": str(resources.files("resources") / "icons").replace("\\", "/"),
        "@scroll": mixed(tokens.border, tokens.muted, 0.25),
        "@hover": mixed(tokens.raised, tokens.text, 0.08),
        "@accent_hover": mixed(tokens.accent, tokens.text, 0.15),
        "@accent_soft": mixed(tokens.surface, tokens.accent, 0.16),
        "@faded": mixed(tokens.muted, tokens.surface, 0.35),
        **{f"@{name}": getattr(tokens, name) for name in Tokens.__annotations__},
    }
    for name in sorted(values, key=len, reverse=True):
        if isinstance(values[name], str):
            text = text.replace(name, values[name])
    return text
