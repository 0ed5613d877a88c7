"""The encoder behind a map, and images as it was trained on them; for workers."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sslcore.data.catalogue import Catalogue
    from sslcore.events import CheckpointSaved

NO_ENCODER = (
    "there is no encoder to look at it with yet; let the run come to its first checkpoint, then "
    "try again"
)


class EncoderAt:
    """The encoder of a run at a step, the last one kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[tuple[Path, int], Any] | None = None

    def load(self, run: Path, checkpoints: list[CheckpointSaved], step: int) -> tuple[int, Any]:
        """Step and encoder: of the wanted step if its checkpoint is there, else the newest.

        Args:
            run: directory of the run.
            checkpoints: that were saved, at least one.
            step: that is wanted.

        Raises:
            CheckpointError: if not even the newest can be read.
        """
        export: Any = importlib.import_module("sslcore.runs.export")
        missing: Any = importlib.import_module("sslcore.engine.store").CheckpointError
        wanted = [one for one in checkpoints if one.step == step]
        with self._lock:
            for saved in [*wanted[-1:], checkpoints[-1]]:
                if self._kept is not None and self._kept[0] == (run, saved.step):
                    return saved.step, self._kept[1]
                try:
                    encoder = export.load_encoder(run, saved.path)
                except missing:
                    if saved is checkpoints[-1]:
                        raise
                    continue  # older checkpoints are removed as training goes on
                self._kept = ((run, saved.step), encoder)
                return saved.step, encoder
        raise AssertionError("the newest checkpoint either loads or raises")

    def forget(self) -> None:
        """Give the memory back."""
        self._kept = None


def read_as_stored(path: Path, encoder: Any, catalogue: Catalogue | None) -> Any:
    """(1, C, side, side) tensor in [0, 1]: a file as the run's images are stored for training.

    Args:
        path: of the file.
        encoder: tells channels and side.
        catalogue: of the run's images, which tells how large they are stored; None if it is not
            open.

    Raises:
        ValueError: if it is no image file, or cannot be read.
    """
    decode: Any = importlib.import_module("sslcore.data.decode").decode
    torch: Any = importlib.import_module("torch")
    known: Any = importlib.import_module("sslcore.data.image_file").SUFFIXES
    frame: Any = importlib.import_module("sslcore.data.video").split_path(str(path))
    if frame is None and path.suffix.lower() not in known:
        raise ValueError(
            "it is no image file; PNG, JPEG, TIFF, WebP, BMP, GIF, PNM and NPY are read"
        )
    side, bits, native = encoder.image_size, 8, encoder.channels not in (1, 3)
    if catalogue is not None:
        module: Any = importlib.import_module("sslcore.data.pixel_store")
        side = module.stored_side(catalogue.sizes, encoder.image_size)
        bits = catalogue.bits if encoder.channels == catalogue.channels else 8
        native = catalogue.native and encoder.channels == catalogue.channels
    pixels: NDArray[Any] = decode(path, side, encoder.channels, bits, native=native)
    return torch.from_numpy(pixels.astype(np.float32))[None] / (255 if bits == 8 else 65535)
