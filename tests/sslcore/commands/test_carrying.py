"""``sslcore carry``: what it writes, what it scores, and what it refuses in one sentence."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sslcore.__main__ import main
from sslcore.commands.carrying import TINT, overlaid, palette_of
from sslcore.data.mask_file import read_mask, save_mask
from sslcore.evaluation.mask_propagation import overlap
from tests.sslcore.assessment import sequence_run

MASK = np.zeros((16, 16), np.int64)
MASK[3:10, 3:10], MASK[10:15, 9:15] = 1, 4
PALETTE = palette_of(np.unique(MASK))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("carrying")
    sequence_run.make(found)
    save_mask(found / "mask.png", MASK, PALETTE)
    return found


def carry(place: Path, out: Path, *words: str, **changed: Path) -> int:
    run = changed.get("run", place / "run")
    frames = changed.get("frames", sequence_run.clip(place))
    mask = changed.get("mask", place / "mask.png")
    parts = ("carry", run, "--frames", frames, "--mask", mask, "--out", out, *words)
    return main([str(one) for one in parts])


def test_every_frame_gets_a_mask_and_an_overlay(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "made" / "out"
    assert carry(place, out, "--first", "002", "--count", "3") == 0
    assert sorted(one.name for one in out.iterdir()) == ["masks", "overlays"]
    for folder in ("masks", "overlays"):
        names = sorted(one.name for one in (out / folder).iterdir())
        assert names == ["002.png", "003.png", "004.png"]
    assert np.array_equal(read_mask(out / "masks" / "002.png"), MASK)
    frame = np.asarray(Image.open(sequence_run.clip(place) / "002.png").convert("RGB"))
    shown = np.asarray(Image.open(out / "overlays" / "002.png"))
    assert np.array_equal(shown[MASK == 0], frame[MASK == 0])
    tint = PALETTE[4].astype(float)
    expected = (1 - TINT) * frame[MASK == 4] + TINT * tint
    assert np.abs(shown[MASK == 4] - expected).max() <= 0.51
    assert "masks and overlays of 3 frames" in capsys.readouterr().out


def test_frames_of_a_video_go_by_their_numbers(place: Path, tmp_path: Path) -> None:
    pytest.importorskip("av")
    from tests.sslcore.data.test_video import film

    clip = film(tmp_path / "film.mp4", 5)
    mask = np.zeros((32, 48), np.int64)
    mask[8:20, 10:30] = 1
    save_mask(tmp_path / "mask.png", mask, PALETTE)
    given = {"frames": clip, "mask": tmp_path / "mask.png"}
    assert carry(place, tmp_path / "out", "--first", "000002", "--size", "16", **given) == 0
    names = sorted(one.name for one in (tmp_path / "out" / "masks").iterdir())
    assert names == ["000002.png", "000003.png", "000004.png"]
    assert read_mask(tmp_path / "out" / "masks" / names[-1], empty=True).shape == (32, 48)


def test_it_is_scored_beside_a_mask_that_stays(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, out = tmp_path / "truth", tmp_path / "out"
    truth.mkdir()
    right = {3: np.roll(MASK, 1, 1), 5: np.zeros_like(MASK)}
    for number, labels in right.items():
        save_mask(truth / f"{number:03d}.png", labels, PALETTE)
    assert carry(place, out, "--truth", str(truth), "--size", "16") == 0
    with (out / "scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(one["frame"], one["label"]) for one in rows] == [
        ("003.png", "1"), ("003.png", "4"), ("005.png", "1"), ("005.png", "4"),
    ]  # fmt: skip
    found = np.asarray(Image.open(out / "masks" / "003.png")).astype(np.int64)
    assert float(rows[0]["overlap"]) == pytest.approx(overlap(found, right[3], 1), abs=1e-4)
    assert float(rows[0]["overlap_if_still"]) == pytest.approx(6 / 8, abs=1e-4)
    still = (overlap(MASK, right[3], 1) + overlap(MASK, right[3], 4)) / 4
    told = capsys.readouterr().out
    assert f"over 2 frames (a mask that stays in place: {still:.3f})" in told
    mean = np.mean([float(one["overlap"]) for one in rows])
    assert f"J mean {mean:.3f}" in told


def test_what_cannot_be_used_is_told_before_anything_is_written(
    place: Path, tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*words: str, **changed: Path) -> str:
        assert carry(place, tmp_path / "out", *words, **changed) == 2
        assert not (tmp_path / "out").exists()
        return capsys.readouterr().err

    assert "SimCLR did not learn where" in refused(run=trained)
    save_mask(tmp_path / "small.png", MASK[:9], PALETTE)
    assert "small.png: 16 x 9 pixels, but " in refused(mask=tmp_path / "small.png")
    (tmp_path / "bad.png").write_bytes(b"\x00" * 90)
    assert "bad.png: " in refused(mask=tmp_path / "bad.png")
    assert "--count 0: must be at least 1" in refused("--count", "0")
    assert "a single frame to carry along" in refused("--count", "1")
    assert "--references 0: must be" in refused("--references", "0")
    assert "there is no such folder" in refused("--truth", str(tmp_path / "nowhere"))
    (tmp_path / "truth").mkdir()
    assert "no mask has the name of a frame, such as 001.png" in refused(
        "--truth", str(tmp_path / "truth")
    )
    save_mask(tmp_path / "truth" / "002.png", np.where(MASK == 1, 9, 0), PALETTE)
    assert "002.png: has the numbers 9, but the mask has 1, 4; give" in refused(
        "--truth", str(tmp_path / "truth")
    )
    (tmp_path / "taken").mkdir()
    assert carry(place, tmp_path / "taken") == 2
    assert "taken: is there already" in capsys.readouterr().err


def test_nothing_is_left_where_a_frame_is_broken(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = tmp_path / "clip"
    shutil.copytree(sequence_run.clip(place), clip)
    (clip / "004.png").write_bytes(b"")
    assert carry(place, tmp_path / "out", frames=clip) == 2
    assert "004.png: " in capsys.readouterr().err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["clip"]


def test_colours_belong_to_labels_not_to_frames() -> None:
    assert PALETTE[0].tolist() == PALETTE[2].tolist() == [0, 0, 0]
    picture = np.full((2, 2, 3), 100, np.uint8)
    only = overlaid(picture, np.array([[0, 4], [0, 0]]), np.array([0, 1, 4]))
    assert only[0, 1].tolist() == np.round(45 + TINT * PALETTE[4].astype(float)).tolist()
    assert only[0, 0].tolist() == [100, 100, 100]
