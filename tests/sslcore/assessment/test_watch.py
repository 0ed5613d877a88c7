"""Progress goes up in stages; calling off goes down."""

from collections.abc import Generator

import pytest

from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.engine.control import Control
from sslcore.engine.preparation import narrated
from sslcore.events import Preparing


def test_stages_are_told_by_name() -> None:
    told: list[tuple[str, int, int]] = []
    watch = Watch(lambda *word: told.append(word))
    watch.stage("Reading")(1, 2)
    watch.stage("Solving")(3, 0)
    assert told == [("Reading", 1, 2), ("Solving", 3, 0)]
    Watch().stage("nobody listens")(1, 1)


def test_calling_off() -> None:
    asked = [False]
    watch = Watch(cancelled=lambda: asked[0])
    watch.check()
    asked[0] = True
    assert watch.cancelled()
    with pytest.raises(Cancelled):
        watch.check()


def preparation(control: Control) -> Generator[Preparing, None, str]:
    def work(progress: object, asked: object) -> str:
        assert callable(asked)
        if asked():
            raise Cancelled("called off")
        return "done"

    return (yield from narrated("Working", control, work))


def test_a_preparation_runs_through() -> None:
    told: list[str] = []
    assert Watch(lambda stage, *_: told.append(stage)).through(preparation) == "done"
    assert set(told) == {"Working"}


def test_a_preparation_is_called_off() -> None:
    with pytest.raises(Cancelled):
        Watch(cancelled=lambda: True).through(preparation)
