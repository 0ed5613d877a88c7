"""The style sheet knows both themes and loads nothing."""

from sslcore.export import colours
from sslcore.report import style


def test_both_themes_and_nothing_from_outside() -> None:
    css = style.css()
    assert css.count("{") == css.count("}")
    for name in ("light", "dark"):
        assert colours.theme()[name]["surface"] in css
    assert "prefers-color-scheme: dark" in css
    for outside in ("url(", "@import", "http"):
        assert outside not in css
    for number in range(7):
        assert f".s{number} " in css
