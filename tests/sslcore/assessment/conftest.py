"""Fixtures of the measurements' tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sslcore.assessment.subject import Subject
from sslcore.runs.directory import RunDirectory
from tests.sslcore.commands.small import trained
from tests.sslcore.engine.tiny import images

__all__ = ["images", "subject", "trained"]


@pytest.fixture
def subject(trained: Path) -> Iterator[Subject]:
    with Subject.open(RunDirectory.open(trained)) as opened:
        yield opened
