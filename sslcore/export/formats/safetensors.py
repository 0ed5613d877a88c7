"""Weights as safetensors; sslcore.load_encoder opens them as the encoder they are.

The file tells how to build the network again, so nothing has to be known about it.
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from sslcore.assessment.watch import Watch
from sslcore.export.format import Files, Format
from sslcore.export.source import Source
from sslcore.runs import portable


def _make(source: Source, _: Watch) -> Files:
    recipe, facts = source.opened.recipe, source.facts
    return {portable.NAME: portable.packed(source.encoder, recipe, facts, source.step)}


def _outputs(folder: Path, _: Source, images: Tensor) -> Tensor:
    return portable.read(folder)(images)


def _usage(_: Source) -> str:
    return (
        "from sslcore import load_encoder  # pip install ssl-workbench\n"
        "\n"
        f'encoder = load_encoder("{portable.NAME}")\n'
        "features = encoder(images)"
    )


FORMAT = Format(
    "safetensors",
    main=portable.NAME,
    make=_make,
    order=10,
    usage=_usage,
    outputs=_outputs,
    alone=True,
)
