"""Definitions copied with what they need, and nothing else."""

import sys
import types
from pathlib import Path

import pytest

from sslcore.augment.colour_space import lab
from sslcore.export.excerpt import excerpt
from sslcore.nets.backbones import ConvNet

DEEP = '''
from __future__ import annotations
import math
import numpy as np
from torch import nn, Tensor as T

EDGE, OTHER = 2.0, 3.0
"""Two numbers."""
UNUSED = 4.0
LIMIT: float = EDGE * 2

def low(x):
    return math.sqrt(x) + OTHER

def unused(x):
    return np.zeros(x)
'''
TOP = """
from sslcore.trial_deep import low, LIMIT

def twice(step):
    return step

class First:
    def again(self):
        return Second()

@twice
class Second(First):
    value = LIMIT
    def get(self):
        return low(self.value) + twice(1)
"""


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> types.ModuleType:
    import importlib
    import linecache

    import sslcore

    for name, text in (("trial_deep", DEEP), ("trial_top", TOP)):
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(sslcore, "__path__", [*sslcore.__path__, str(tmp_path)])
    linecache.checkcache()
    for name in ("trial_deep", "trial_top"):
        monkeypatch.delitem(sys.modules, f"sslcore.{name}", raising=False)
        module = importlib.import_module(f"sslcore.{name}")
        monkeypatch.setitem(sys.modules, f"sslcore.{name}", module)
    return module


def test_everything_needed_in_an_order_that_runs(trial: types.ModuleType) -> None:
    text = excerpt([trial.Second])
    names: dict[str, object] = {}
    exec(text, names)
    assert names["Second"]().get() == trial.Second().get() == 6.0
    assert type(names["Second"]().again()) is names["Second"]
    assert "unused" not in text
    assert "UNUSED" not in text
    assert "numpy" not in text
    assert text.count("EDGE, OTHER = 2.0, 3.0") == 1
    assert text.startswith("import math\n\n\nclass First")
    assert '\n\n\nEDGE, OTHER = 2.0, 3.0\n"""Two numbers."""\n\nLIMIT: float' in text
    assert text.index("@twice") > text.index("def twice")


def test_real_classes_and_further_imports() -> None:
    text = excerpt([ConvNet, lab], also={("pathlib", "Path", "Path"), ("torch", "", "torch")})
    head = text.partition("\n\n\n")[0]
    assert head.splitlines()[:2] == ["from itertools import pairwise", "from pathlib import Path"]
    assert "from torch import Tensor, nn" in head
    assert "import torch\n" in head
    names: dict[str, object] = {}
    exec("from __future__ import annotations\n" + text, names)
    assert names["ConvNet"](3, 4).dimensions == 16


def test_two_things_of_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from sslcore.nets.encoder import Encoder

    with pytest.raises(ValueError, match="Encoder: defined in"):
        excerpt([Encoder, __import__("sslcore.export.standalone", fromlist=["Encoder"]).Encoder])
