"""The encoder of a run, taken away: loaded for use in a program, or over a whole folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sslcore.data.catalogue import scan
from sslcore.data.pixel_store import PixelStore
from sslcore.data.reading import Channels, Reading
from sslcore.engine.checkpoint import Checkpoint
from sslcore.engine.store import CheckpointError
from sslcore.evaluation.features import evaluating, extract, fit_channels
from sslcore.nets.encoder import Encoder
from sslcore.runs import portable
from sslcore.runs.directory import RunDirectory


def load_encoder(run: str | Path, checkpoint: str = "auto") -> Encoder:
    """The trained encoder of a run directory, on the CPU, in evaluation mode.

    It takes (B, C, H, W) float images in [0, 1] and normalises them by itself. Its ``image_size``
    is the side in pixels it was trained at.

    Args:
        run: the run directory; or what ``sslcore export --format safetensors`` wrote: the file
            ``encoder.safetensors`` or its folder.
        checkpoint: of a run directory: "auto" for the newest whole one, or one by name or path.

    Raises:
        ValueError: if this is no run directory, or has no whole checkpoint, or the file is damaged.
    """
    path = Path(run)
    if path.suffix == ".safetensors" or (path / portable.NAME).is_file():
        return portable.read(path)
    loaded = RunDirectory.open(Path(run)).load(checkpoint)
    if loaded is None:
        raise CheckpointError(f"{run}: no checkpoint yet; train first")
    read = Checkpoint.read(loaded.files, loaded.path)
    encoder = read.method().encoder().eval()
    encoder.image_size = read.facts.image_size
    return encoder


def embed_folder(
    encoder: Encoder,
    folder: str | Path,
    image_size: int | None = None,
    batch_size: int = 256,
    channels: Channels | None = None,
) -> tuple[Sequence[str], NDArray[np.float32]]:
    """Features of every image in a folder.

    Args:
        encoder: from :func:`load_encoder`, or one of your own.
        folder: as the workbench opens it; images that cannot be read are left out, grey ones
            made colour and colour made grey where the encoder takes the other.
        image_size: side in pixels; the encoder's own unless given.
        batch_size: images at a time.
        channels: how the files are read (``data.channels`` of the run); None is "native" for an
            encoder that takes neither grey nor colour images, else "auto".

    Returns:
        N paths relative to the folder, and (N, D) float32 features in the same order.

    Raises:
        ValueError: if the folder has no images, or of other channels, or no size is known.
    """
    size = image_size or encoder.image_size
    if size is None:
        raise ValueError("this encoder does not know its image size; give image_size")
    usual: Channels = "auto" if encoder.channels in (1, 3) else "native"
    catalogue = scan(Path(folder), Reading(channels=channels or usual))
    device = next(encoder.parameters()).device
    with PixelStore.open(catalogue, size, budget_bytes=0) as pixels:
        rows = np.arange(len(catalogue))
        with evaluating(encoder):
            found = extract(
                lambda images: encoder(fit_channels(images, encoder.channels)),
                pixels,
                rows,
                batch_size,
                device=str(device),
                image_size=size,
            )
    return catalogue.paths, found
