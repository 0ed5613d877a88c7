from types import ModuleType

import pytest

from app import theme
from app.panels import method_about
from app.panels.method_about import About, about_html
from sslcore.config import Config, knob, knobs
from sslcore.method import registry

WORDS = """Pull *two* views of an image together, and `push` others < away.

    loss = a - b            the remark
      + c

What to watch. The rank; see https://example.org/watch.

Paper: Somebody, https://arxiv.org/abs/1
"""


class Settings(Config):
    width: int | None = knob(None, help="How wide & far.", low=1, unit="px", paper="w = 8")


class Card:
    title, paper, year, config = "A & B", "https://arxiv.org/abs/1", 2021, Settings


class Fake:
    card = Card


@pytest.fixture
def html(monkeypatch):
    module = ModuleType("fake", WORDS)
    monkeypatch.setattr(method_about.inspect, "getmodule", lambda _: module)
    return about_html(Fake, "#111111", "#222222", "#333333")


def test_words_become_a_page(html):
    assert "<h3" in html
    assert "A &amp; B</h3>" in html
    assert "Pull <i>two</i> views" in html
    assert "<code>push</code> others &lt; away." in html
    assert "<b>What to watch.</b>" in html
    assert '<a href="https://example.org/watch">https://example.org/watch</a>.' in html
    assert html.count("https://arxiv.org/abs/1") == 2, "the paper is named once, as a link"
    assert ", 2021</p>" in html


def test_an_equation_stands_on_its_own_ground(html):
    box = html[html.index('bgcolor="#222222"') : html.index("</table>")]
    assert "loss = a - b</div>" in box
    assert "the remark</div>" in box
    assert box.index("the remark") < box.index("&nbsp;&nbsp;+ c</div>")


def test_every_knob_has_its_help_default_and_paper(html):
    assert "<b>Width</b> How wide &amp; far." in html
    assert " px. Paper: w = 8.</span>" in html


@pytest.mark.parametrize("key", sorted(registry()))
def test_the_page_of_every_method_is_whole(key, qtbot):
    page = About()
    qtbot.addWidget(page)
    method = registry()[key]
    page.show_method(method)
    shown = page.toPlainText()
    assert shown.startswith(method.card.title)
    assert method.card.paper in shown
    assert not [one.title for one in knobs(method.card.config) if one.title not in shown]
    assert "`" not in shown
    assert "&amp;" not in shown


def test_another_method_starts_at_its_top_and_another_theme_repaints(qtbot):
    page = About()
    qtbot.addWidget(page)
    page.resize(300, 200)
    page.show()
    page.show_method(registry()["simclr"])
    bar = page.verticalScrollBar()
    bar.setValue(bar.maximum())
    low = bar.value()
    page.show_method(registry()["simclr"])
    assert bar.value() == low > 0, "the same page stays where it was read"
    page.show_method(registry()["rotation"])
    assert bar.value() == 0
    dark = page.toHtml()
    theme.current().apply("light")
    assert page.toHtml() != dark
