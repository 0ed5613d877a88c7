"""Configs refuse what does not fit, in words, and tell a form what it needs."""

from typing import Literal

import pytest
from pydantic import model_validator

from sslcore.config import Config, ConfigError, knob, knobs


class Inner(Config):
    low: float = knob(0.2, help="Smallest.", low=0, high=1)
    high: float = knob(0.8, help="Largest.", low=0, high=1)

    @model_validator(mode="after")
    def ordered(self) -> "Inner":
        if self.low > self.high:
            raise ConfigError("low: must not be above high")
        return self


class Outer(Config):
    epochs: int = knob(
        10, help="How long.", low=1, high=100, log=True, unit="epochs", paper="T = 1000"
    )
    rate: float = knob(0.1, help="How fast.", low=0)
    kind: Literal["sgd", "adamw"] = knob("sgd", help="Which.")
    limit: int | None = knob(None, help="At most.", low=2)
    on: bool = knob(True, help="Whether.")
    note: str = knob("", help="Words.")
    inner: Inner = Inner()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"epochs": 0}, "schedule.epochs = 0: input should be greater than or equal to 1"),
        ({"epochs": 101}, "schedule.epochs = 101: input should be less than or equal to 100"),
        ({"epochs": "many"}, "schedule.epochs = 'many': input should be a valid integer"),
        ({"kind": "adam"}, "schedule.kind = 'adam': input should be 'sgd' or 'adamw'"),
        ({"epoch": 3}, "schedule.epoch: unknown field; remove it or check its spelling"),
        ({"inner": {"high": 2}}, "schedule.inner.high = 2: input should be less than"),
    ],
)
def test_errors_name_field_value_and_bound(values: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Outer.parse(values, "schedule")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_every_wrong_field_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Outer.parse({"epochs": 0, "rate": -1})
    assert str(caught.value).startswith("epochs = 0: ")
    assert "; rate = -1: " in str(caught.value)


def test_a_missing_field_and_a_rule_between_fields_are_told() -> None:
    class Strict(Config):
        name: str

    with pytest.raises(ConfigError, match=r"^data\.name: missing; add it$"):
        Strict.parse({}, "data")
    with pytest.raises(ConfigError, match=r"low: must not be above high"):
        Inner.parse({"low": 0.9})


def test_changed_makes_a_new_valid_config_and_leaves_the_old() -> None:
    first = Outer()
    second = first.changed(epochs=20)
    assert (first.epochs, second.epochs) == (10, 20)
    assert second.changed(epochs=10) == first
    with pytest.raises(ConfigError, match="epochs = 1000"):
        first.changed(epochs=1000)
    with pytest.raises(ConfigError, match="epoch: unknown field"):
        first.changed(epoch=3)
    with pytest.raises(ValueError, match="frozen"):
        first.epochs = 3


def test_defaults_are_checked_too() -> None:
    class Wrong(Config):
        size: int = knob(3, help="Side.", low=8)

    with pytest.raises(ConfigError, match="size = 3"):
        Wrong.parse({})


def test_knobs_tell_a_form_everything() -> None:
    found = {one.name: one for one in knobs(Outer)}
    assert list(found) == ["epochs", "rate", "kind", "limit", "on", "note", "inner"]
    kinds = {name: one.kind for name, one in found.items()}
    assert kinds == {
        "epochs": "int", "rate": "float", "kind": "choice", "limit": "int", "on": "bool",
        "note": "text", "inner": "other",
    }  # fmt: skip
    epochs = found["epochs"]
    assert (epochs.default, epochs.low, epochs.high, epochs.log) == (10, 1, 100, True)
    assert (epochs.unit, epochs.help, epochs.paper) == ("epochs", "How long.", "T = 1000")
    assert (found["rate"].low, found["rate"].high, found["rate"].log) == (0, None, False)
    assert found["kind"].choices == ("sgd", "adamw")
    assert [one.name for one in found.values() if one.optional] == ["limit"]
    assert found["limit"].low == 2


def test_titles_are_read_by_people() -> None:
    class Named(Config):
        redundancy_weight: float = knob(0.1, help="λ")

    assert knobs(Named)[0].title == "Redundancy weight"
