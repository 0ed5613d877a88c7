import numpy as np
import pytest

from sslcore.assessment.moments import moments
from sslcore.assessment.subject import Subject
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.events import Evaluated
from sslcore.runs.record import RunRecord


def test_all_that_was_kept_in_order(subject: Subject) -> None:
    told: list[tuple[str, int, int]] = []
    watch = Watch(lambda *word: told.append(word))
    found = list(moments(subject.directory, 99, watch, "Looking back"))
    saved = RunRecord.fold(subject.directory.replay()).embeddings
    assert [one.step for one in found] == [one.step for one in saved] == [0, 3, 6]
    rows, features = subject.directory.embedding(3)
    assert np.array_equal(found[1].rows, rows)
    assert np.array_equal(found[1].features, features)
    assert told == [("Looking back", n, 3) for n in (1, 2, 3)]


def test_a_few_of_them_have_the_first_and_the_last(subject: Subject) -> None:
    assert [one.step for one in moments(subject.directory, 2, Watch(), "")] == [0, 6]
    assert list(moments(subject.directory, 0, Watch(), "")) == []


def test_evaluations_alone_are_spread_by_themselves(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two evaluations features are kept as well, without views."""
    events = list(subject.directory.replay())
    without = [one for one in events if not (isinstance(one, Evaluated) and one.step == 3)]
    monkeypatch.setattr(subject.directory, "replay", lambda: iter(without))

    def steps(most: int, *, evaluations: bool) -> list[int]:
        found = moments(subject.directory, most, Watch(), "", evaluations=evaluations)
        return [one.step for one in found]

    assert steps(99, evaluations=False) == [0, 3, 6]
    assert steps(99, evaluations=True) == [0, 6]
    assert steps(2, evaluations=True) == [0, 6]


def test_damaged_and_diverged_features_are_left_out(subject: Subject) -> None:
    folder = subject.directory.path / "embeddings"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    try:
        (folder / "step_00000003.npz").write_bytes(b"cut short")
        subject.directory.save_array(
            "embeddings/step_00000006",
            {"index": np.arange(3), "features": np.full((3, 2), np.nan, np.float32)},
        )
        assert [one.step for one in moments(subject.directory, 99, Watch(), "")] == [0]
    finally:
        for path, content in before.items():
            path.write_bytes(content)


def test_it_is_called_off(subject: Subject) -> None:
    with pytest.raises(Cancelled):
        list(moments(subject.directory, 99, Watch(cancelled=lambda: True), ""))
