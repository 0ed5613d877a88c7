"""Devices are chosen, or refused with a remedy."""

import os

import pytest
import torch

from sslcore.config import ConfigError
from sslcore.engine import devices
from sslcore.sections import RunSection


def test_the_cpu_computes_in_float32() -> None:
    place = devices.place(RunSection(device="cpu"))
    assert (place.kind, place.precision) == ("cpu", "32-true")
    assert place.device == torch.device("cpu")
    assert place.fabric().device == torch.device("cpu")
    assert place.memory() > 1_000_000


def test_bfloat16_is_there_for_who_asks() -> None:
    place = devices.place(RunSection(device="cpu", precision="bfloat16"))
    with place.fabric().autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("available", "mps", "expected"),
    [(False, False, "cpu"), (False, True, "mps"), (True, True, "cuda")],
)
def test_auto_takes_the_best(
    monkeypatch: pytest.MonkeyPatch, available: bool, mps: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "A card")
    for capability, precision in (
        ((9, 0), "bf16-mixed"),
        ((7, 5), "16-mixed"),
        ((6, 1), "32-true"),
    ):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda i, found=capability: found)
        place = devices.place(RunSection())
        assert place.kind == expected
        assert place.precision == (precision if expected == "cuda" else "32-true")
    if available:
        with pytest.raises(ConfigError, match="there are 1 CUDA devices"):
            devices.place(RunSection(device="cuda:3"))


@pytest.mark.parametrize(
    ("device", "sentence"),
    [
        ("tpu", "not a device"),
        ("cuda:x", "not a device"),
        ("cuda", "no CUDA device"),
        ("mps", "no MPS"),
    ],
)
def test_a_device_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, device: str, sentence: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=rf"run\.device = '{device}'.*{sentence}"):
        devices.place(RunSection(device=device))


def test_threads_leave_a_core_to_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices.threads(RunSection(threads=5)) == 5
    for cores, expected in ((8, 7), (1, 1), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda found=cores: found)
        assert devices.threads(RunSection()) == expected


@pytest.mark.parametrize(
    ("cuda", "used", "mps", "emptied"),
    [
        (True, True, False, ["cuda"]),
        (True, False, False, []),
        (False, False, True, ["mps"]),
        (False, False, False, []),
    ],
)
def test_memory_is_given_back_where_it_was_used(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, used: bool, mps: bool, emptied: list[str]
) -> None:
    found: list[str] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: used)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: found.append("cuda"))
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    monkeypatch.setattr(torch.mps, "empty_cache", lambda: found.append("mps"))
    devices.release()
    assert found == emptied
