"""Fixtures of the commands' tests."""

from tests.sslcore.commands.small import trained
from tests.sslcore.engine.tiny import images

__all__ = ["images", "trained"]
