"""Measurements are found by their files, and hold to what the window and the commands rely on."""

import json
import math
from pathlib import Path

import pytest
from pydantic import ValidationError

from sslcore.assessment.contract import Finding, find, registry
from sslcore.config import ConfigError, knobs
from sslcore.data import demo_kinds
from sslcore.sections import DataSection


class Number(Finding):
    value: float | None

    def headline(self) -> str:
        return str(self.value)

    def lines(self) -> list[str]:
        return [self.headline()]


def test_every_file_is_a_measurement() -> None:
    folder = Path(__file__).parents[3] / "sslcore" / "assessment" / "kinds"
    files = {path.stem for path in folder.glob("[!_]*.py")}
    assert set(registry()) == files
    assert [one.order for one in registry().values()] == sorted(
        one.order for one in registry().values()
    )


@pytest.mark.parametrize("key", sorted(registry()))
def test_each_says_what_it_is(key: str) -> None:
    one = find(key)
    assert one.title
    assert one.idea.endswith((".", "?", ":"))
    assert len(one.help) > len(one.idea)
    assert all(knob.help for knob in knobs(one.config))
    one.config()  # has defaults


def test_only_transfer_and_dense_may_lack_a_folder(tmp_path: Path) -> None:
    alone = DataSection(folder=str(tmp_path))
    assert [key for key in registry() if find(key).lacks_folder(alone)] == ["transfer", "dense"]
    with_pairs = DataSection(folder=str(demo_kinds.make(tmp_path / "pairs", "pairs", 4, 16)))
    assert [key for key in registry() if find(key).lacks_folder(with_pairs)] == ["transfer"]


def test_an_unknown_one_is_named() -> None:
    with pytest.raises(ConfigError, match=r"'luck': no such measurement; there are: .*knn"):
        find("luck")


def test_a_finding_is_plain_json() -> None:
    kept = json.dumps(Number(value=0.5).model_dump(mode="json"), allow_nan=False)
    assert Number.model_validate(json.loads(kept)) == Number(value=0.5)
    assert Number(value=None).value is None
    with pytest.raises(ValidationError):
        Number(value=math.nan)
