import pytest

from app.forms.travel import Travel
from sslcore.config import Config, knob, knobs


class Several(Config):
    temperature: float = knob(0.1, low=0.01, high=1.0, help="")
    layers: int = knob(3, low=1, high=8, help="")
    epochs: int = knob(50, low=1, high=100_000, help="")
    weight: float = knob(0.0051, low=1e-6, high=1.0, log=True, help="")
    rate: float = knob(0.06, low=0.0, high=100.0, log=True, help="")
    width: int = knob(64, low=1, high=4096, log=True, help="")
    warmup: float = knob(0.0, low=0.0, high=1000.0, help="")
    clip: float | None = knob(None, low=0.0, high=1e6, help="")


TRAVELS = {one.name: Travel.of(one) for one in knobs(Several)}


@pytest.mark.parametrize("name", list(TRAVELS))
def test_every_position_is_a_valid_value_and_leads_back(name):
    travel = TRAVELS[name]
    values = [travel.value(position) for position in range(travel.count + 1)]
    assert values == sorted(values)
    for position, value in enumerate(values):
        assert getattr(Several.parse({name: value}), name) == value
        if not travel.whole and not travel.log:
            assert travel.position(value) == position
        assert travel.value(travel.position(value)) == pytest.approx(value, rel=0.05)


def test_ends_are_the_bounds():
    assert TRAVELS["temperature"].value(0) == 0.01
    assert TRAVELS["temperature"].value(10_000) == 1.0
    assert TRAVELS["layers"].count == 7
    assert [TRAVELS["layers"].value(p) for p in (0, 3, 7)] == [1, 4, 8]


def test_a_huge_range_slides_where_people_are():
    epochs = TRAVELS["epochs"]
    assert 150 <= epochs.high <= 400
    assert epochs.position(99_999) == epochs.count
    assert TRAVELS["warmup"].high == TRAVELS["clip"].high == 20.0


def test_a_log_slider_moves_by_factors_and_reaches_zero_where_allowed():
    weight = TRAVELS["weight"]
    quarter, half = weight.count // 4, weight.count // 2
    first, second = (
        weight.value(quarter) / weight.value(0),
        weight.value(half) / weight.value(quarter),
    )
    assert first == pytest.approx(second, rel=0.15)
    assert TRAVELS["rate"].value(0) == 0.0
    assert TRAVELS["rate"].position(0.0) == 0
    assert TRAVELS["rate"].position(1e-9) == 1
    assert weight.value(0) > 0


def test_values_have_few_digits():
    for name in ("weight", "rate", "temperature"):
        travel = TRAVELS[name]
        assert all(len(f"{travel.value(p):.10g}") <= 8 for p in range(travel.count + 1))


def test_no_bounds_no_slider():
    class Open(Config):
        seed: int = knob(0, low=0, help="")
        name: str = knob("", help="")

    assert [Travel.of(one) for one in knobs(Open)] == [None, None]


def test_what_is_no_number_stands_at_an_end():
    assert TRAVELS["temperature"].position(float("nan")) == 0
    assert TRAVELS["temperature"].position(float("inf")) == TRAVELS["temperature"].count
