"""The rows that are printed are those of the page, and are written there when asked for."""

import re
import sys

import pytest

from sslcore.method import registry
from tests.benchmarks import all_methods
from tests.benchmarks.results_page import EXPERIMENTS, HEAD, METHODS
from tests.benchmarks.test_results_page import PAGE
from tests.benchmarks.trained import Trained

ROW = re.compile(
    r"\| [a-z_0-9.]+ \| \d+ \| \d+ \| -?\d+\.\d{3} to -?\d+\.\d{3} \| (-|[\d.]+% to [\d.]+%) "
    r"\| (-|[\d.]+%) \| (-|[\d.]+%) \| (-|[\d.]+%) \| \d+\.\d\d \| \d+ \| \d+ \|"
)


def step(loss, **terms):
    return {"loss": loss, "terms": terms, "images_per_second": 367.2}


@pytest.fixture
def trained(monkeypatch):
    """Two steps that nobody had to train: 30 epochs, features of 64 numbers."""

    def made(*_):
        found = Trained(
            [step(2.5049, accuracy=0.25), step(1.9491, accuracy=0.75)],
            {"knn_20": 0.251},
            {"knn_20": 0.258, "feature_std": 0.0625, "rank_me": 41.7},
            30.0,
            3.0,
        )
        return found

    monkeypatch.setattr(all_methods, "train", made)
    monkeypatch.setattr(all_methods, "knn", lambda _: {"pixels": {"20": 0.322}})
    monkeypatch.setattr(all_methods, "preset_dimensions", lambda _: 64)
    monkeypatch.setattr(all_methods, "demo", lambda kind, keep: keep / kind)


def test_a_row_has_the_form_of_the_page(trained, tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.md"
    made = f"{METHODS}\n\n{HEAD}\n\n{EXPERIMENTS}:\n\n{HEAD}\n\nThe end."
    page.write_text(made)
    words = f"all_methods --keep {tmp_path} --methods rotation --recipes simclr.no_crop --seeds 1 0"
    words += " --epochs 30"
    monkeypatch.setattr(sys, "argv", words.split())
    all_methods.main()
    printed = capsys.readouterr().out
    rest = "| 30 | 2.505 to 1.949 | 25.0% to 75.0% | 25.1% | 32.2% | 25.8% | 0.50 | 42 | 367 |"
    rows = [
        f"| {name} | {seed} {rest}" for name in ("rotation", "simclr.no_crop") for seed in (1, 0)
    ]
    assert printed == "\n".join([HEAD, *rows, ""])
    assert page.read_text() == made, "not asked for"
    assert all(ROW.fullmatch(one) for one in rows)

    monkeypatch.setattr(sys, "argv", [*words.split(), "--write", str(page)])
    all_methods.main()
    first, second = "\n".join(rows[1::-1]), "\n".join(rows[:1:-1])
    assert page.read_text() == (
        f"{METHODS}\n\n{HEAD}\n{first}\n\n{EXPERIMENTS}:\n\n{HEAD}\n{second}\n\nThe end."
    )


def test_a_page_without_tables_is_refused_before_anything_is_trained(tmp_path, monkeypatch):
    monkeypatch.setattr(all_methods, "row", lambda *_: pytest.fail("trained all the same"))
    (tmp_path / "page.md").write_text("# Another page\n")
    words = f"all_methods --keep {tmp_path} --write {tmp_path / 'page.md'}"
    monkeypatch.setattr(sys, "argv", words.split())
    with pytest.raises(ValueError, match="no line that begins with"):
        all_methods.main()


def test_all_rows_of_the_page_have_that_form():
    rows = [
        line
        for line in PAGE.read_text("utf-8").splitlines()
        if re.match(
            rf"\| ({'|'.join(registry())})[a-z_0-9.]* \| \d+ \| \d+ \| -?\d+\.\d{{3}} ", line
        )
    ]
    assert len(rows) > 60
    assert [one for one in rows if not ROW.fullmatch(one)] == []
