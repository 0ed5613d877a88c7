"""About a method: its file's own words, with the equation, the paper and what each knob does."""

from __future__ import annotations

import inspect
import re
from html import escape
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QTextBrowser, QWidget

from app import theme
from app.forms import plain
from sslcore.config import knobs

if TYPE_CHECKING:
    from sslcore.method import Method

LINK = re.compile(r"https?://[^\s<>)]+[^\s<>).,;]")


def about_html(method: type[Method[Any]], muted: str, ground: str, accent: str) -> str:
    """The page as HTML.

    Args:
        method: whose page.
        muted: colour of what matters less.
        ground: colour behind equations.
        accent: colour of links.
    """
    card = method.card
    text = dedent(inspect.getmodule(method).__doc__ or method.__doc__ or "").strip()
    first, *blocks = text.split("\n\n")
    parts = [f'<h3 style="font-size:16px">{escape(card.title)}</h3>']
    parts.append(f'<p style="font-size:14px">{_inline(first)}</p>')
    for block in blocks:
        if all(line.startswith("    ") for line in block.splitlines()):
            lines = "".join(_equation(line[4:], muted) for line in block.splitlines())
            parts.append(
                f'<table width="100%" cellpadding="8" bgcolor="{ground}" style="margin-top:8px">'
                f"<tr><td>{lines}</td></tr></table>"
            )
        elif block.startswith("Paper:") and card.paper in block:
            continue
        else:
            parts.append(f"<p>{_inline(block)}</p>")
    parts.append(f'<p><a href="{card.paper}">{escape(card.paper)}</a>, {card.year}</p>')
    known = knobs(card.config)
    if known:
        parts.append("<h4>Knobs</h4>")
    for knob in known:
        start = plain.text(knob.default) or "none"
        unit = f" {knob.unit}" if knob.unit else ""
        paper = f" Paper: {knob.paper}." if knob.paper else ""
        parts.append(
            f"<p><b>{escape(knob.title)}</b> {escape(knob.help)} "
            f'<span style="color:{muted}">Default {escape(start + unit)}.{escape(paper)}</span></p>'
        )
    return f"<style>a {{ color: {accent}; }}</style>" + "".join(parts)


def _equation(line: str, muted: str) -> str:
    """One line of an equation; a remark far to its right goes below it."""
    inner = line.lstrip(" ")
    shift = "&nbsp;" * (len(line) - len(inner))
    formula, *remark = re.split(r" {4,}", inner.rstrip())
    words = f'<div style="font-family:monospace; font-size:12px">{shift}{escape(formula)}</div>'
    for one in remark:
        words += f'<div style="color:{muted}; font-size:11px">{escape(one)}</div>'
    return words


def _inline(block: str) -> str:
    """A paragraph with its emphasis, code and links."""
    text = escape(" ".join(block.split()), quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"(?<!\w)\*([^*\s][^*]*)\*", r"<i>\1</i>", text)
    text = re.sub(r"^(What to watch|Where our numbers differ)\.", r"<b>\1.</b>", text)
    return LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', text)


class About(QTextBrowser):
    """The page of one method."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._method: type[Method[Any]] | None = None
        self.setOpenExternalLinks(True)
        self.setAccessibleName("About the method")
        self.setStyleSheet("QTextBrowser { border: 0; background: transparent; padding: 0; }")
        self.document().setDocumentMargin(0)
        self.setViewportMargins(0, 0, 10, 0)
        theme.current().changed.connect(self._write)

    def show_method(self, method: type[Method[Any]]) -> None:
        """Another method's page, from its top."""
        if method is not self._method:
            self._method = method
            self._write()
            self.verticalScrollBar().setValue(0)

    def _write(self) -> None:
        if self._method is not None:
            tokens = theme.tokens()
            self.setHtml(about_html(self._method, tokens.muted, tokens.raised, tokens.accent))
