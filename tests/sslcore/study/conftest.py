"""Recipes whose trials take a second."""

from pathlib import Path

import pytest

from sslcore.recipe import Recipe, parse_value, preset
from sslcore.study.plan import short
from tests.sslcore.commands.small import SMALL
from tests.sslcore.engine.tiny import images

__all__ = ["images", "recipe"]


@pytest.fixture
def recipe(images: Path) -> Recipe:
    settings = dict(one.split("=") for one in SMALL)
    made = preset("simclr").with_set({path: parse_value(one) for path, one in settings.items()})
    return short(made.with_set({"data.folder": str(images)}), 1)
