"""The model card says what is true of the run."""

import shutil
from pathlib import Path

from sslcore.__main__ import main
from sslcore.export import card
from sslcore.export.source import Source
from sslcore.runs.directory import RunDirectory


def test_it_tells_what_the_encoder_is(plain: Source) -> None:
    text = card.written(plain, "ONNX", "encoder.onnx", "a = 1", 1.6e-7)
    assert "# plain run" in text
    assert f"{plain.weights:,} weights" in text
    assert "vectors of 16 numbers" in text
    assert "SimCLR (contrastive, 2020" in text
    assert "Format: ONNX, in `encoder.onnx`" in text
    assert "```python\na = 1\n```" in text
    assert "largest difference was 2e-07" in text.replace("\n", " ")
    assert "24 training images of 16 x 16 pixels" in text
    assert "6 further images held out" in text
    assert "2 classes, used for measuring only: dark, light" in text
    mean = plain.encoder.mean.flatten()[0].item()
    assert f"mean per channel: {mean:.4f}" in text
    value = plain.record.metrics["rank_me"].last
    before = plain.record.reference["rank_me"]
    assert f"| effective rank (RankMe), dimensions | {value:.1f} | {before:.1f} | 6 |" in text
    assert 'key = "simclr"' in text
    assert "## Licence\n\nNone is given here" in text
    lines = text.partition("```toml")[0].splitlines()
    assert max(len(line) for line in lines) <= 110


def test_findings_are_on_it(plain: Source, tmp_path: Path, capsys) -> None:
    shutil.copytree(plain.directory.path, tmp_path / "run")
    assert main(["evaluate", str(tmp_path / "run"), "--knn"]) == 0
    said = capsys.readouterr().out
    text = card.written(Source.open(RunDirectory.open(tmp_path / "run")), "ONNX", "a.onnx")
    assert "Nearest neighbours (step 6):" in text
    for line in said.strip().splitlines():
        assert line in text


def test_a_collapsed_run_says_so(plain: Source, tmp_path: Path) -> None:
    shutil.copytree(plain.directory.path, tmp_path / "run")
    log = tmp_path / "run" / "events.jsonl"
    lines = log.read_text().splitlines()
    changed = [line.replace('"feature_std": 0.', '"feature_std": 0.000') for line in lines]
    assert changed != lines
    log.write_text("\n".join(changed) + "\n")
    text = card.written(Source.open(RunDirectory.open(tmp_path / "run")), "ONNX", "a.onnx")
    assert "The workbench judged this run: Completed, but collapsed" in text.replace("\n  ", " ")
    assert "judged" not in card.written(plain, "ONNX", "a.onnx")
