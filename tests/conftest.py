"""Shared by all tests: no screen, no user settings, few threads, a cache of their own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")


def _compiled() -> Path:
    """Where numba keeps what it compiled from one test run to the next (half a minute of CPU)."""
    folder = Path(platformdirs.user_cache_dir("ssl-workbench")) / "numba"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / "ssl-workbench-numba"
    return folder


os.environ.setdefault("NUMBA_CACHE_DIR", str(_compiled()))


@pytest.fixture(scope="session", autouse=True)
def cache() -> Iterator[None]:
    """Pixel caches of the tests never meet those of a person, and go away at the end."""
    if "SSL_WORKBENCH_CACHE" in os.environ:
        yield
        return
    folder = tempfile.mkdtemp(prefix="ssl-workbench-tests-")
    os.environ["SSL_WORKBENCH_CACHE"] = folder
    yield
    del os.environ["SSL_WORKBENCH_CACHE"]
    shutil.rmtree(folder, ignore_errors=True)
