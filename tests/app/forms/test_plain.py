import math

import pytest

from app.forms import plain


@pytest.mark.parametrize(
    ("text", "whole", "value"),
    [("12", True, 12), ("1e3", True, 1000), ("2.5", True, 2.5), ("0,5", False, 0.5),
     ("−3", False, -3.0), (" 7 ", False, 7.0), ("abc", True, "abc"), ("", False, ""),
     ("1,000,0", False, "1,000,0")],
)  # fmt: skip
def test_number(text, whole, value):
    found = plain.number(text, whole=whole)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_a_number_for_the_config_to_refuse():
    assert math.isnan(plain.number("nan", whole=True))


@pytest.mark.parametrize("value", [(), (0.6, 0.8), (3,), ("a", "b"), (True, False), (1, 2.5, "x")])
def test_values_come_back_from_their_text(value):
    assert plain.values(plain.text(value)) == value


def test_brackets_may_be_there():
    assert plain.values("(0.6, 0.8)") == (0.6, 0.8)
    assert plain.values("[1,]") == (1,)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0051, "0.0051"), (5e-4, "0.0005"), (1e-6, "1e-06"), (3.0, "3"), (0.1 + 0.2, "0.3"),
     (None, ""), (True, "true"), (7, "7"), (1e9, "1000000000")],
)  # fmt: skip
def test_text(value, text):
    assert plain.text(value) == text


def test_same():
    assert plain.same(1, 1.0)
    assert plain.same(0.1 + 0.2, 0.3)
    assert not plain.same(1, True)
    assert not plain.same(None, 0)
    assert not plain.same("1", 1)


def test_flat_values_fit_one_line():
    assert plain.is_flat((1, 2))
    assert plain.is_flat(None)
    assert not plain.is_flat({"a": 1})
    assert not plain.is_flat(((1, 2), (3, 4)))
