"""The registry of formats, and what every export is held to."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.export import format as formats
from sslcore.export.format import Format
from sslcore.export.source import Source


def made(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Enter a format called trial that writes one file."""
    given = {"title": "Trial", "main": "a.bin", "make": lambda *_: {"a.bin": b"1"}, "order": 1}
    one = Format(**{**given, **changes})
    monkeypatch.setattr(formats, "keys", lambda: ("trial",))
    monkeypatch.setattr(formats, "registry", lambda: {"trial": one})


def test_every_file_is_a_format_with_a_page() -> None:
    assert set(formats.registry()) == set(formats.keys())
    assert next(iter(formats.registry())) == "safetensors"
    for key, one in formats.registry().items():
        assert one.title
        assert len(formats.page(key)) > 60
        assert bool(one.extra) == bool(one.packages)
    with pytest.raises(formats.ExportError, match="no such format; there are: safetensors"):
        formats.find("floppy")


def test_nothing_there_is_written_over(plain: Source, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(formats.ExportError, match="is there already"):
        formats.export(plain, "safetensors", tmp_path / "taken")


def test_outputs_that_differ_are_not_handed_out(
    plain: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off(by: float) -> object:
        def outputs(_folder: Path, source: Source, images: Tensor) -> Tensor:
            found = source.encoder(images)
            found[2, 3] += by * max(1.0, float(found.abs().max()))
            return found

        return outputs

    made(monkeypatch, outputs=off(9e-5))
    done = formats.export(plain, "trial", tmp_path / "near")
    assert done.difference == pytest.approx(9e-5, rel=0.01)
    made(monkeypatch, outputs=off(1.1e-4))
    with pytest.raises(formats.ExportError, match=r"differ by 0\.00011"):
        formats.export(plain, "trial", tmp_path / "far")
    made(monkeypatch, outputs=off(float("nan")))
    with pytest.raises(formats.ExportError, match="differ by nan"):
        formats.export(plain, "trial", tmp_path / "far")
    made(monkeypatch, outputs=lambda *_: torch.zeros(5, 3))
    with pytest.raises(formats.ExportError, match=r"gives \(5, 3\) where the encoder gives"):
        formats.export(plain, "trial", tmp_path / "far")
    assert [one.name for one in tmp_path.iterdir()] == ["near"]


def test_the_stages_are_told_and_it_can_be_called_off(
    plain: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(monkeypatch, outputs=lambda _f, source, images: source.encoder(images))
    told: list[str] = []
    formats.export(plain, "trial", tmp_path / "a", Watch(lambda stage, *_: told.append(stage)))
    assert told == ["Making Trial", "Comparing outputs"]
    with pytest.raises(Cancelled):
        formats.export(plain, "trial", tmp_path / "b", Watch(cancelled=lambda: True))
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_sizes_are_those_on_the_disk(plain: Source, tmp_path: Path) -> None:
    done = formats.export(plain, "safetensors", tmp_path / "taken")
    assert done.size == sum(one.stat().st_size for one in done.path.iterdir())
