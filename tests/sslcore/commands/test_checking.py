"""Losses of two devices are compared."""

import argparse
from pathlib import Path

import pytest

from sslcore.commands import checking
from sslcore.commands.checking import difference, losses, processor
from sslcore.data import demo
from sslcore.engine.devices import Placement


def test_two_trainings_on_the_cpu_do_not_differ(tmp_path: Path) -> None:
    folder = demo.make(tmp_path / "demo", count=64)
    first = losses(folder, "cpu", "float32")
    assert difference(first, losses(folder, "cpu", "float32")) == 0.0
    assert difference([1.0, 2.0], [1.1, 2.0]) == pytest.approx(0.05)
    assert difference([1.0, 2.0], [1.0, float("nan")]) == float("inf")


@pytest.mark.parametrize("accelerator", [None, "cuda"])
def test_the_devices_are_named(
    accelerator: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = Placement("cuda", 0, "32-true", "NVIDIA H100 80GB HBM3")
    monkeypatch.setattr(checking.devices, "accelerator", lambda: accelerator)
    monkeypatch.setattr(checking.devices, "place", lambda _: here)
    monkeypatch.setattr(checking, "losses", lambda *_: [2.0, 1.0])
    monkeypatch.setattr(checking, "processor", lambda: "AMD EPYC 9654")
    assert checking.run(argparse.Namespace()) == 0
    said = capsys.readouterr().out
    assert "processor     AMD EPYC 9654\n" in said
    if accelerator is None:
        assert "accelerator   none; training runs on the CPU\n" in said
    else:
        assert "accelerator   NVIDIA H100 80GB HBM3, as run.device: cuda\n" in said


def test_the_processor_is_named_where_the_system_tells(tmp_path: Path) -> None:
    facts = tmp_path / "cpuinfo"
    facts.write_text("processor\t: 0\nmodel name\t: AMD EPYC 9654 96-Core: Rev 1\n")
    assert processor(facts) == "AMD EPYC 9654 96-Core: Rev 1"
    assert processor(tmp_path / "none")
