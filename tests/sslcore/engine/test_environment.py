"""What a run ran on is told as it is."""

import json
from importlib.metadata import PackageNotFoundError

import pytest
import torch

from sslcore.engine import environment as module
from sslcore.engine.environment import environment


def test_it_tells_what_is_true_here() -> None:
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        found = environment()
    finally:
        torch.set_num_threads(threads)
    assert found["torch"] == torch.__version__
    assert found["threads"] == "3"
    assert int(found["cores"]) >= 1
    assert json.loads(json.dumps(found)) == found


def test_a_copy_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "version", missing)
    assert environment()["ssl-workbench"] == "not installed"
