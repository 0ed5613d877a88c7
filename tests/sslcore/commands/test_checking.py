"""Losses of two devices are compared."""

from pathlib import Path

import pytest

from sslcore.commands.checking import difference, losses
from sslcore.data import demo


def test_two_trainings_on_the_cpu_do_not_differ(tmp_path: Path) -> None:
    folder = demo.make(tmp_path / "demo", count=64)
    first = losses(folder, "cpu", "float32")
    assert difference(first, losses(folder, "cpu", "float32")) == 0.0
    assert difference([1.0, 2.0], [1.1, 2.0]) == pytest.approx(0.05)
    assert difference([1.0, 2.0], [1.0, float("nan")]) == float("inf")
