"""Visual self-supervised learning without a screen: data, views, methods, training, evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
