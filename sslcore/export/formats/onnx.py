"""ONNX: one file for onnxruntime and the many programs that read it, without torch.

Normalisation is inside. Sizes are those of training, the number of images is free. Input "images"
(B, C, H, W) float32 in [0, 1], output "features" (B, D) float32.
"""

from __future__ import annotations

import io
import logging
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sslcore.assessment.watch import Watch
from sslcore.export.format import Files, Format
from sslcore.export.source import Source
from sslcore.export.tracing import program

MAIN = "encoder.onnx"
LARGEST = 2**31 - 1
"""Bytes of weights that one ONNX file can hold."""


def _unfit(source: Source) -> str:
    if 4 * source.weights > LARGEST:
        return "ONNX holds at most 2 GB of weights in one file; take torch_export"
    return ""


def _make(source: Source, _: Watch) -> Files:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with redirect_stdout(io.StringIO()):
        made: Any = torch.onnx.export(
            program(source),
            dynamo=True,
            input_names=["images"],
            output_names=["features"],
            verbose=False,
        )
    model = made.model_proto
    for name, value in (("run", source.name), ("step", str(source.step))):
        model.metadata_props.add(key=name, value=value)
    return {MAIN: model.SerializeToString()}


def _outputs(folder: Path, _: Source, images: Tensor) -> Tensor:
    import onnxruntime

    session: Any = onnxruntime.InferenceSession(folder / MAIN, providers=["CPUExecutionProvider"])
    return torch.from_numpy(session.run(None, {"images": images.numpy()})[0])


def _usage(_: Source) -> str:
    return (
        "import onnxruntime  # pip install onnxruntime\n\n"
        f'session = onnxruntime.InferenceSession("{MAIN}")\n'
        'features = session.run(None, {"images": images.numpy()})[0]'
    )


FORMAT = Format(
    "ONNX",
    main=MAIN,
    make=_make,
    order=30,
    unfit=_unfit,
    usage=_usage,
    outputs=_outputs,
    alone=True,
    extra="onnx",
    packages=("onnx", "onnxscript", "onnxruntime"),
)
