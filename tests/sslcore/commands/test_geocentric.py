"""``sslcore hha``, and training on what it writes."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sslcore.__main__ import main
from sslcore.commands import geocentric

FOCAL = ("--focal", "60", "60")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten images with the depth of a tilted plane."""
    generator = np.random.default_rng(0)
    for number in range(10):
        for name in ("rgb", "depth"):
            (tmp_path / "set" / name).mkdir(parents=True, exist_ok=True)
        rgb = generator.integers(0, 256, (32, 32, 3), np.uint8)
        Image.fromarray(rgb).save(tmp_path / "set" / "rgb" / f"{number}.png")
        depth = np.linspace(2500, 1000 + 50 * number, 32)[:, None] + np.zeros((1, 32))
        Image.fromarray(depth.astype(np.uint16)).save(tmp_path / "set" / "depth" / f"{number}.png")
    return tmp_path / "set"


def test_it_writes_skips_and_writes_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hha", str(folder), *FOCAL]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"10 files written in {folder / 'hha'}; half of all depths are nearer")
    assert len(list((folder / "hha").glob("*.png"))) == 10
    assert main(["hha", str(folder), *FOCAL]) == 0
    assert "0 files written in" in (said := capsys.readouterr().out)
    assert said.strip().endswith("10 were there already")
    assert main(["hha", str(folder), *FOCAL, "--again", "--centre", "15", "14"]) == 0
    assert "10 files written" in capsys.readouterr().out


def test_cross_view_trains_on_it(folder: Path, tmp_path: Path) -> None:
    assert main(["hha", str(folder), "--field-of-view", "58", "--unit", "0.001"]) == 0
    run = tmp_path / "run"
    settings = [
        "data.target=hha", "data.image_size=16", "backbone.width=8", "schedule.epochs=2",
        "schedule.batch_size=4", "run.threads=1", "run.device=cpu", "run.probe_images=4",
    ]  # fmt: skip
    words = ["train", str(folder), "--method", "cross_view", "--out", str(run)]
    assert main([*words, "--set", *settings]) == 0
    events = [json.loads(one) for one in (run / "events.jsonl").read_text("utf-8").splitlines()]
    steps = [one for one in events if "terms" in one]
    assert len(steps) >= 4
    assert all(np.isfinite(one["loss"]) for one in steps)
    assert 'target = "hha"' in (run / "recipe.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--focal FX FY is missing: .*calls them fx and fy.*--field-of-view DEGREES"),
        ((*FOCAL, "--field-of-view", "60"), "--focal and --field-of-view: give one of them"),
        (("--focal", "60"), "--focal: expected 2 arguments"),
        (("--focal", "-60", "60"), "focal = -60 60: in images of 32 x 32 pixels no camera"),
        ((*FOCAL, "--centre", "40", "3"), "centre = 40 3: lies outside"),
        ((*FOCAL, "--depth", "labels"), "no images in a folder labels/"),
        ((*FOCAL, "--depth", "rgb"), r"rgb/0\.png: 8-bit \(RGB\), not 16-bit"),
        ((*FOCAL, "--out", "depth"), "out = 'depth': a folder of this name holds something else"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    assert main(["hha", str(folder), *words]) == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert re.search(told, said), said
    assert not (folder / "hha").exists()


def test_files_left_out_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "depth" / "3.png").write_bytes(b"no picture")
    assert main(["hha", str(folder), *FOCAL]) == 0
    said = capsys.readouterr()
    assert "depth/3.png" in said.err
    assert said.out.startswith("9 files written")
    Image.fromarray(np.full((24, 20), 900, np.uint16)).save(folder / "depth" / "3.png")
    assert main(["hha", str(folder), *FOCAL, "--centre", "15", "30"]) == 0
    said = capsys.readouterr()
    assert "depth/3.png: 20 x 24 pixels, the first has 32 x 32; all share one camera" in said.err
    assert said.out.startswith("9 files written")


def test_interrupted_it_leaves_whole_files_and_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient:
        def __init__(self, title: str) -> None:
            assert title == "Making HHA"

        def __call__(self, done: int, total: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        def close(self) -> None:
            capsys.readouterr()

    with monkeypatch.context() as patch:
        patch.setattr(geocentric, "Meter", Impatient)
        assert main(["hha", str(folder), *FOCAL]) == 130
    assert capsys.readouterr().err == "sslcore: interrupted\n"
    made = list((folder / "hha").iterdir())
    assert all(one.suffix == ".png" for one in made), "nothing half-made"
    for one in made:
        with Image.open(one) as file:
            file.load()
    assert main(["hha", str(folder), *FOCAL]) == 0
    assert len(list((folder / "hha").iterdir())) == 10
