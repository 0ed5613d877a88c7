"""The pages of the methods say what the files say, and those in docs/ are not stale."""

from pathlib import Path

import pytest

from sslcore.__main__ import main
from sslcore.commands import pages
from sslcore.config import knobs
from sslcore.method import find, registry

DOCS = Path(__file__).parents[3] / "docs" / "methods"


@pytest.mark.parametrize("key", list(registry()))
def test_the_page_in_the_docs_is_up_to_date(key: str) -> None:
    assert (DOCS / f"{key}.md").read_text("utf-8") == pages.page(find(key)), (
        "stale; run: sslcore methods --pages docs/methods"
    )


def test_the_docs_hold_the_index_and_no_page_of_a_method_that_is_gone() -> None:
    assert (DOCS / "README.md").read_text("utf-8") == pages.index()
    assert {one.stem for one in DOCS.glob("*.md")} - {"README"} == set(registry())


def test_a_page_has_every_setting_picture_and_recipe_of_its_method() -> None:
    text = pages.page(find("barlow_twins"))
    for one in knobs(find("barlow_twins").card.config):
        assert f"| `{one.name}` |" in text
    assert "cross_correlation" in text
    assert "- `barlow_twins.paper`: Barlow Twins as in the paper" in text
    assert "```text\nC = z_a^T z_b / B" in text
    assert text.count("```") % 2 == 0


def test_pages_are_written_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["methods", "--pages", str(tmp_path / "new")]) == 0
    written = {one.name for one in (tmp_path / "new").iterdir()}
    assert written == {"README.md", *(f"{key}.md" for key in registry())}
    assert str(tmp_path / "new") in capsys.readouterr().out
