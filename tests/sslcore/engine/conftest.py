"""Fixtures of the engine's tests."""

from tests.sslcore.engine.tiny import images

__all__ = ["images"]
