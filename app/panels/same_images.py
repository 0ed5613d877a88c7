"""Whether a folder still holds the images that something was measured on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sslcore.data.catalogue import Catalogue


def same_images(index: NDArray[np.int64], paths: Sequence[str], catalogue: Catalogue) -> bool:
    """Whether rows of a catalogue are still the images they were when features were made of them.

    Args:
        index: (N,) catalogue rows of that time.
        paths: (N,) of the images at that time; () where nobody knows, then rows must only exist.
        catalogue: of the folder as it is now.
    """
    if len(index) and int(index.max()) >= len(catalogue):
        return False
    pairs = zip(index.tolist(), paths, strict=False)
    return all(catalogue.paths[row] == path for row, path in pairs)
