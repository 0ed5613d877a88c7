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
    limit: int | None = knob(None, help="At most.", low=2, unit="images")
    on: bool = knob(True, help="Whether.")
    note: str = knob("", help="Words.")
    parts: tuple[float, ...] = knob((), help="When.")
    inner: Inner = Inner()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"epochs": 0}, "schedule.epochs = 0: must lie between 1 and 100"),
        ({"epochs": 101}, "schedule.epochs = 101: must lie between 1 and 100"),
        ({"epochs": "many"}, "schedule.epochs = 'many': must be a whole number between 1 and 100"),
        ({"epochs": 1.5}, "schedule.epochs = 1.5: must be a whole number between 1 and 100"),
        ({"rate": -0.5}, "schedule.rate = -0.5: must be at least 0"),
        ({"rate": None}, "schedule.rate = None: must be a number, at least 0"),
        ({"limit": 1}, "schedule.limit = 1: must be at least 2 images"),
        ({"on": "maybe"}, "schedule.on = 'maybe': must be true or false"),
        ({"note": 3}, "schedule.note = 3: must be a text"),
        ({"parts": [0.5, "late"]}, "schedule.parts.1 = 'late': must be a number"),
        ({"kind": "adam"}, "schedule.kind = 'adam': must be one of sgd, adamw"),
        ({"epoch": 3}, "schedule.epoch: unknown field; did you mean epochs?"),
        (
            {"inner": {"loudness": 3}},
            "schedule.inner.loudness: unknown field; there are: low, high",
        ),
        ({"inner": {"high": 2}}, "schedule.inner.high = 2: must lie between 0 and 1"),
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
    assert list(found) == ["epochs", "rate", "kind", "limit", "on", "note", "parts", "inner"]
    kinds = {name: one.kind for name, one in found.items()}
    assert kinds == {
        "epochs": "int", "rate": "float", "kind": "choice", "limit": "int", "on": "bool",
        "note": "text", "parts": "other", "inner": "other",
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

        crop_low: float = knob(0.1, help="")
        crop_high: float = knob(0.1, help="")
        low: float = knob(0.1, help="")
        p: float = knob(0.1, help="")
        sd_low: float = knob(0.1, help="", title="Weakest noise")

    assert [one.title for one in knobs(Named)] == [
        "Redundancy weight", "Smallest crop", "Largest crop", "Low", "Probability", "Weakest noise",
    ]  # fmt: skip


def test_a_refused_value_can_be_told_in_other_words() -> None:
    with pytest.raises(ConfigError) as caught:
        Outer.parse({"epochs": 0, "inner": {"high": 2}, "unknown": 1}, "schedule")
    first, second = caught.value.refusals
    assert (first.path, first.title, first.value) == ("schedule.epochs", "Epochs", 0)
    assert first.rule == "must lie between 1 and 100"
    assert (second.path, second.title, second.value) == ("schedule.inner.high", "High", 2)
    assert "schedule.unknown: unknown field" in str(caught.value)
    assert ConfigError("no field at all").refusals == ()
