"""The file stands alone: it runs where nothing of the workbench can be imported."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from sslcore.export import format as formats
from sslcore.export.source import Source
from tests.sslcore.engine.tiny import images
from tests.sslcore.export import taken

__all__ = ["images"]

PROGRAM = """
import importlib.abc, sys

class Shut(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"sslcore", "app", "resources", "torchvision", "timm"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Shut())
import torch
from encoder import load
with torch.no_grad():
    torch.save(load()(torch.load("images.pt")), "features.pt")
assert not {"sslcore", "torchvision"} & set(sys.modules)
"""


def alone(folder: Path, images: torch.Tensor) -> torch.Tensor:
    """Features by the exported file, in a process of its own."""
    torch.save(images, folder / "images.pt")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return torch.load(folder / "features.pt")


@pytest.mark.parametrize("which", ["plain", "split", "patches", "small_stem", "large"])
def test_it_needs_torch_alone(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    source: Source = request.getfixturevalue(which)
    done = formats.export(source, "module", tmp_path / "taken")
    assert done.files == ("encoder.py", "encoder.pt", "README.md")
    assert sorted(one.name for one in done.path.iterdir()) == sorted(done.files)
    probe = source.images(4)
    found = alone(done.path, probe)
    assert torch.allclose(found, taken.expected(source, probe), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("key", "backbone"),
    [("cpc", "resnet18"), ("colorization", "resnet_small"), ("simclr", "resnet50")],
)
def test_every_kind_of_network(key: str, backbone: str, images: Path, tmp_path: Path) -> None:
    few = {"schedule__epochs": 1, "data__limit": 8, "backbone__name": backbone}
    source = taken.source(images, tmp_path / "run", key, **few)
    done = formats.export(source, "module", tmp_path / "taken")
    assert done.difference is not None
    assert done.difference < 1e-5


def test_it_reads_like_a_file_of_ours(plain: Source, patches: Source, tmp_path: Path) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    for number, source in enumerate((plain, patches)):
        done = formats.export(source, "module", tmp_path / str(number))
        text = (done.path / "encoder.py").read_text()
        assert "sslcore" not in text.replace("SSL Workbench", "")
        assert max(len(line) for line in text.splitlines()) <= 100
        compile(text, "encoder.py", "exec")
        if ruff.exists():
            checked = [ruff, "check", "--isolated", "--line-length", "100", "--select", "E,F,W,I"]
            subprocess.run([*checked, done.path / "encoder.py"], check=True)


def test_networks_of_other_libraries_are_sent_elsewhere(images: Path, tmp_path: Path) -> None:
    pytest.importorskip("timm")
    few = {"data__image_size": 32, "schedule__epochs": 1, "data__limit": 8}
    run = tmp_path / "run"
    source = taken.source(images, run, "simclr", backbone__name="timm:resnet10t", **few)
    assert formats.unfit(source, "module").endswith("take timm or onnx")


def test_one_file_is_not_enough(plain: Source, tmp_path: Path) -> None:
    with pytest.raises(formats.ExportError, match="several files; name a folder"):
        formats.export(plain, "module", tmp_path / "encoder.py")
