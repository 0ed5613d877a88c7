"""The graph of an encoder, as ``torch.export`` sees it; the number of images stays free."""

from __future__ import annotations

import torch
from torch.export import Dim, ExportedProgram

from sslcore.export.source import Source
from sslcore.export.writing import ExportError


def program(source: Source) -> ExportedProgram:
    """The exported program of the encoder, normalisation included.

    Raises:
        ExportError: if torch cannot follow the network.
    """
    try:
        with torch.no_grad():
            return torch.export.export(
                source.portable, (source.images(2),), dynamic_shapes=({0: Dim("batch", min=1)},)
            )
    except Exception as error:
        # torch raises errors of many kinds of its own here, all about the network.
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ExportError(
            f"torch.export cannot follow {source.backbone} ({reason[0][:160]}); take safetensors"
        ) from error
