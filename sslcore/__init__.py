"""Visual self-supervised learning without a screen: data, views, methods, training, evaluation."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if sys.platform == "darwin":
    # Operations that Apple's MPS lacks run on the CPU then, with a warning, and end no training.
    # torch asks for this when it is imported.
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")

if TYPE_CHECKING:
    from sslcore.runs.export import embed_folder, load_encoder

__all__ = ["embed_folder", "load_encoder"]


def __getattr__(name: str) -> Any:
    # Importing sslcore must stay cheap: the window does it before its first paint, and torch alone
    # takes seconds.
    if name in __all__:
        from sslcore.runs import export

        return getattr(export, name)
    raise AttributeError(f"module 'sslcore' has no attribute {name!r}")
