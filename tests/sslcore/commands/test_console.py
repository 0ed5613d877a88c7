"""Commands speak where they should, and clean up what they drew."""

import io
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from sslcore.commands import console
from sslcore.events import Preparing
from sslcore.runs.directory import RunError


class Screen(io.StringIO):
    """A terminal that keeps what was written to it."""

    def isatty(self) -> bool:
        return True


def drawn(work: Generator[Preparing, None, str], stream: io.StringIO) -> str:
    """What a preparation draws; pytest puts its own stream back before every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        assert console.shown(work) == "ready"
    return stream.getvalue()


def work() -> Generator[Preparing, None, str]:
    yield Preparing("Listing", 1, 0)
    yield Preparing("Decoding", 2, 4)
    yield Preparing("Decoding", 4, 4)
    return "ready"


def test_results_and_remarks_go_different_ways(capsys: pytest.CaptureFixture[str]) -> None:
    console.say("42")
    console.note("still counting")
    assert capsys.readouterr() == ("42\n", "still counting\n")


def test_stages_are_named_once_however_often_they_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stages = console.Stages()
    for stage, done in (("Curves", 0), ("Curves", 1), ("Pictures", 0), ("Curves", 2)):
        stages(stage, done, 2)
    assert capsys.readouterr().err.splitlines() == ["Curves", "Pictures"]


def test_a_preparation_shows_every_stage_and_hands_on_its_result() -> None:
    found = drawn(work(), Screen())
    assert "Listing" in found
    assert "Decoding" in found
    # Nothing stays behind on the line.
    assert found.split("\r")[-1].strip() == ""


def test_no_bar_is_drawn_into_a_file() -> None:
    assert drawn(work(), io.StringIO()) == ""


def test_a_bar_is_taken_away_when_the_work_fails() -> None:
    def failing() -> Generator[Preparing, None, str]:
        yield Preparing("Decoding", 2, 4)
        raise ValueError("broken")

    screen = Screen()
    with pytest.raises(ValueError, match="broken"):
        drawn(failing(), screen)
    assert "Decoding" in screen.getvalue()
    assert screen.getvalue().split("\r")[-1].strip() == ""


def test_folders_of_results_are_made_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "new" / "deep" / "features.npz"
    assert console.writable(file) == file
    assert file.parent.is_dir()
    (tmp_path / "in the way").touch()
    with pytest.raises(console.InputError, match=r"--out .*cannot make its folder"):
        console.writable(tmp_path / "in the way" / "features.npz")


def test_a_folder_that_is_no_run_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(console.BAD_INPUT) as caught:
        console.open_run(str(tmp_path))
    assert isinstance(caught.value, RunError)
