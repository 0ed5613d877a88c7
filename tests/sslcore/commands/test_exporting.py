"""``sslcore export`` from a terminal."""

from pathlib import Path

import pytest
import torch

from sslcore import load_encoder
from sslcore.__main__ import main


def test_a_file_and_a_folder(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "mine.safetensors"
    words = ["export", str(trained), "--format", "safetensors", "--out"]
    assert main([*words, str(out)]) == 0
    said = capsys.readouterr().out
    assert f"{out}: encoder.safetensors (0.0 MB)" in said
    assert "Features equal the encoder's within 0." in said
    images = torch.rand(2, 3, 16, 16)
    with torch.no_grad():
        assert torch.equal(load_encoder(out)(images), load_encoder(trained)(images))
    assert main([*words, str(tmp_path / "folder"), "--checkpoint", "step_00000003"]) == 0
    assert "step 3" not in capsys.readouterr().err
    assert "3 optimiser steps" in (tmp_path / "folder" / "README.md").read_text()


def test_bad_input(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "there").mkdir()
    for words, said in (
        (["--format", "floppy", "--out", "x"], "invalid choice: 'floppy' (choose from 'module'"),
        (["--format", "onnx"], "--out"),
        (["--format", "module", "--out", str(tmp_path / "there")], "is there already"),
        (["--format", "torchvision", "--out", str(tmp_path / "new")], "no class for convnet"),
        (["--format", "module", "--out", str(tmp_path / "a.py")], "several files"),
    ):
        assert main(["export", str(trained), *words]) == 2
        assert said in capsys.readouterr().err
    assert main(["export", str(tmp_path), "--format", "onnx", "--out", "x"]) == 2
    assert "not a run directory" in capsys.readouterr().err
