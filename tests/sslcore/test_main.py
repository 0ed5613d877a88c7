"""The commands, called as a terminal would; bad input ends in one line and exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sslcore.__main__ import main, parser
from tests.sslcore.commands.small import trained
from tests.sslcore.engine.tiny import images

__all__ = ["images", "trained"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["train", "{images}"], "--out"),
        (["train", "{images}", "--out", "{new}"], "say which method"),
        (["train", "--method", "simclr", "--out", "{new}"], "say which images"),
        (["train", "{images}", "--method", "nope", "--out", "{new}"], "no such method"),
        (["train", "/no/where", "--method", "simclr", "--out", "{new}"], "no such folder"),
        (["train", "{empty}", "--method", "simclr", "--out", "{new}"], "no images (it is empty)"),
        (["train", "{texts}", "--method", "simclr", "--out", "{new}"], "is not an image"),
        (
            ["train", "{images}", "--method", "simclr", "--set", "method.temperature=-1", "--out",
             "{new}"],
            "method.temperature = -1: must lie between",
        ),
        (
            ["train", "{images}", "--method", "simclr", "--set", "epochs", "--out", "{new}"],
            "write it as path=value",
        ),
        (
            ["train", "{images}", "--recipe", "{broken}", "--out", "{new}"],
            "schedule.epochs = 0",
        ),
        (["train", "{images}", "--recipe", "/no.toml", "--out", "{new}"], "cannot be read"),
        (
            ["train", "{images}", "--method", "simclr", "--out", "{images}/dark/00.png"],
            "a file and a folder are in each other's place",
        ),
        (["train", "--resume", "never", "--out", "{run}"], "holds a run already"),
        (["train", "--method", "rotation", "--out", "{run}"], "the run in"),
        (["train", "--resume", "step_00000099", "--out", "{run}"], "no such checkpoint"),
        (["train", "--resume", "step_1", "--out", "{new}"], "is no run directory"),
        (["evaluate", "{images}"], "not a run directory"),
        (["evaluate", "{run}", "--checkpoint", "step_99"], "no such checkpoint"),
        (["embed", "{run}", "--out", "features.txt"], "use one of .npz, .csv, .parquet"),
        (["embed", "{run}", "{empty}", "--out", "{new}.npz"], "no images"),
        (["demo", "{texts}"], ""),
        (["demo", "{texts}/a.txt"], "a file, not a folder"),
        (["demo", "{texts}/a.txt/b"], "Not a directory"),
        (["train", "{images}", "--method", "simclr", "--set", "schedule=3", "--out", "{new}"],
         "schedule = 3: this is a section"),
    ],
)  # fmt: skip
def test_bad_input(
    words: list[str],
    sentence: str,
    trained: Path,
    images: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    empty, texts, broken = tmp_path / "empty", tmp_path / "texts", tmp_path / "broken.toml"
    empty.mkdir()
    texts.mkdir()
    (texts / "a.txt").write_text("no image")
    broken.write_text("[method]\nkey = 'simclr'\n[schedule]\nepochs = 0\n")
    places = {
        "images": images, "empty": empty, "texts": texts, "broken": broken, "run": trained,
        "new": tmp_path / "new",
    }  # fmt: skip
    assert main([word.format(**places) for word in words]) == 2
    error = capsys.readouterr().err
    (line,) = error.strip().splitlines()
    assert line.startswith("sslcore: ")
    assert sentence in line


@pytest.mark.parametrize(
    ("words", "folder", "settings"),
    [
        ("train FOLDER --set a=1 b=2 --method x", "FOLDER", ["a=1", "b=2"]),
        ("train --set a=1 FOLDER", "FOLDER", ["a=1"]),
        ("train --set a=1 b.c=2 FOLDER --set d=3", "FOLDER", ["a=1", "b.c=2", "d=3"]),
        ("train FOLDER --set a=1 --set b=2 c=x=y", "FOLDER", ["a=1", "b=2", "c=x=y"]),
        ("train --set=a=1 b=-2 -- FOLDER", "FOLDER", ["a=1", "b=-2"]),
        ("train --set a=1 -- b=2", "b=2", ["a=1"]),
        ("train --set a=1 sets/year=2024", "sets/year=2024", ["a=1"]),
        ("train --set a.b=1 year=2024", "year=2024", ["a.b=1"]),
        ("train --set epochs FOLDER", "FOLDER", ["epochs"]),
        ("study --set a=1 b=2 FOLDER --kind grid", "FOLDER", ["a=1", "b=2"]),
        ("study FOLDER --set a=1 b=2 --vary c=1,2", "FOLDER", ["a=1", "b=2"]),
        ("evaluate --set a=1 b=2 RUN_DIR --knn", "RUN_DIR", ["a=1", "b=2"]),
    ],
)
def test_several_settings_after_one_flag(
    words: str,
    folder: str,
    settings: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "year=2024").mkdir()  # a folder that is there is no setting
    monkeypatch.chdir(tmp_path)
    command, *rest = words.split()
    out = [] if command == "evaluate" else ["--out", "new"]
    parsed = parser().parse_args([command, *out, *rest])
    assert (parsed.run if command == "evaluate" else parsed.folder) == folder
    assert parsed.settings == settings


def test_it_starts_as_a_module() -> None:
    words = [sys.executable, "-m", "sslcore", "train", "--out"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("sslcore: argument --out: expected one argument")
    assert "Traceback" not in done.stderr


def test_ctrl_c_before_the_work_begins_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sslcore.__main__.parser", interrupted)
    assert main(["methods"]) == 130
    assert capsys.readouterr().err == "sslcore: interrupted\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals between processes")
def test_ctrl_c_during_an_import_that_swallows_it_ends_the_process() -> None:
    code = (
        "import importlib, os, signal, sys, types, sslcore.__main__ as m\n"
        "def swallow(name):\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    except BaseException:\n"
        "        pass\n"
        "    return types.SimpleNamespace(methods=lambda _: 0)\n"
        "importlib.import_module = swallow\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.exit(m.main(['methods']))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (130, "sslcore: interrupted\n")
