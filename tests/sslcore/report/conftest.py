"""Runs to report on."""

from tests.sslcore.engine.tiny import images
from tests.sslcore.export.conftest import matrix, plain

__all__ = ["images", "matrix", "plain"]
