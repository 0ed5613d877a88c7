import subprocess
import sys
from pathlib import Path

import pytest

from sslcore.evaluation import projection_child
from sslcore.evaluation.projection_child import Child, ProjectionError


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("SSL_WORKBENCH_CACHE", raising=False)
    return monkeypatch


@pytest.fixture
def orders(environment, tmp_path):
    """What a child would have been started with; a harmless program is started instead."""
    seen = []
    start = subprocess.Popen

    def record(command, **options):
        seen.append((command, options))
        return start([sys.executable, "-c", "import sys; sys.exit('no umap here')"], **options)

    environment.setattr(projection_child.subprocess, "Popen", record)
    return seen


def test_a_child_that_cannot_start_leaves_its_last_words(orders, tmp_path):
    child = Child(tmp_path, None, tmp_path / "cache")
    with pytest.raises(ProjectionError, match=r"ended \(exit code 1\) no umap here"):
        child.wait_ready()
    assert not child.ready
    assert not child.alive
    child.end()


def test_threads_and_the_cache_of_compiled_code(orders, tmp_path, environment):
    environment.setattr(projection_child.os, "cpu_count", lambda: 8)
    environment.setenv("SSL_WORKBENCH_CACHE", str(tmp_path / "ours"))
    given = tmp_path / "given"
    for threads, folder in ((None, None), (3, given)):
        Child(tmp_path, threads, folder).end()
    first, second = (options["env"] for _, options in orders)
    assert (first["NUMBA_NUM_THREADS"], second["OMP_NUM_THREADS"]) == ("7", "3")
    assert Path(first["NUMBA_CACHE_DIR"]) == tmp_path / "ours" / "numba"
    assert Path(second["NUMBA_CACHE_DIR"]) == given / "numba"
    assert (given / "numba").is_dir()


def test_a_cache_that_cannot_be_made_is_done_without(orders, tmp_path):
    (tmp_path / "file").write_text("in the way")
    Child(tmp_path, 1, tmp_path / "file").end()
    assert "NUMBA_CACHE_DIR" not in orders[0][1]["env"]


def test_what_the_user_set_stands(orders, tmp_path, environment):
    environment.setenv("NUMBA_CACHE_DIR", "elsewhere")
    Child(tmp_path, 1, tmp_path).end()
    assert orders[0][1]["env"]["NUMBA_CACHE_DIR"] == "elsewhere"
