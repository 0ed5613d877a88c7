"""torch.export: one file (.pt2) with the graph and the weights, for torch alone.

Normalisation is inside. Sizes are those of training, the number of images is free. What PyTorch
recommends in place of TorchScript; it can be compiled ahead of time.
"""

from __future__ import annotations

import io
from pathlib import Path

import torch
from torch import Tensor

from sslcore.assessment.watch import Watch
from sslcore.export.format import Files, Format
from sslcore.export.source import Source
from sslcore.export.tracing import program

MAIN = "encoder.pt2"


def _make(source: Source, _: Watch) -> Files:
    buffer = io.BytesIO()
    torch.export.save(program(source), buffer)
    return {MAIN: buffer.getvalue()}


def _outputs(folder: Path, _: Source, images: Tensor) -> Tensor:
    return torch.export.load(folder / MAIN).module()(images)


def _usage(_: Source) -> str:
    return (
        "import torch\n\n"
        f'encoder = torch.export.load("{MAIN}").module()\n'
        "features = encoder(images)"
    )


FORMAT = Format(
    "torch.export", main=MAIN, make=_make, order=40, usage=_usage, outputs=_outputs, alone=True
)
