"""TorchScript: one file that torch runs from Python or C++ without any class.

Normalisation is inside. Sizes are those of training, the number of images is free. PyTorch develops
TorchScript no further: take torch_export for new work in Python.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import torch
from torch import Tensor

from sslcore.assessment.watch import Watch
from sslcore.export.format import Files, Format
from sslcore.export.source import Source
from sslcore.export.writing import ExportError

MAIN = "encoder.torchscript"


def _make(source: Source, _: Watch) -> Files:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        # That tracing is old, and that sizes become constants, is said in this module's page.
        warnings.simplefilter("ignore")
        try:
            traced = torch.jit.trace(source.portable, source.images(2), check_trace=False)
            torch.jit.save(traced, buffer)
        except (RuntimeError, TypeError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
            raise ExportError(
                f"TorchScript cannot follow {source.backbone} ({reason}); take torch_export or onnx"
            ) from None
    return {MAIN: buffer.getvalue()}


def _outputs(folder: Path, _: Source, images: Tensor) -> Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is old
        loaded = torch.jit.load(folder / MAIN, map_location="cpu")
    return loaded(images)


def _usage(_: Source) -> str:
    return (
        "import torch\n\n"
        f'encoder = torch.jit.load("{MAIN}", map_location="cpu")\n'
        "features = encoder(images)"
    )


FORMAT = Format(
    "TorchScript", main=MAIN, make=_make, order=50, usage=_usage, outputs=_outputs, alone=True
)
