"""Files of TensorBoard's embedding projector: features, classes and little pictures.

They are plain text and a PNG, written without TensorBoard; the projector reads them from
``projector_config.pbtxt`` (https://www.tensorflow.org/tensorboard/tensorboard_projector_plugin).
"""

from __future__ import annotations

import math

import numpy as np

from sslcore.export import pictures
from sslcore.export.probe import Probe

LARGEST_SPRITE = 8192
"""Side in pixels of the largest picture the projector takes."""
THUMBNAIL = 48


def files(probe: Probe) -> dict[str, bytes]:
    """Names and contents; empty where there are no features."""
    count = len(probe.index)
    if not count:
        return {}
    made = {
        "projector/tensors.tsv": _tensors(probe),
        "projector/metadata.tsv": _metadata(probe),
    }
    config = [
        "embeddings {",
        f'  tensor_name: "features of step {probe.step}"',
        '  tensor_path: "projector/tensors.tsv"',
        '  metadata_path: "projector/metadata.tsv"',
    ]
    if probe.catalogue is not None:
        side = math.ceil(math.sqrt(count))
        small = min(THUMBNAIL, LARGEST_SPRITE // side)
        sprite = np.full((side * side, small, small, 3), 255, np.uint8)
        sprite[:count] = probe.pixels(probe.index, small)
        picture = pictures.tiled(sprite.reshape(side, side, small, small, 3))
        made["projector/sprite.png"] = pictures.png(picture)
        config += [
            "  sprite {",
            '    image_path: "projector/sprite.png"',
            f"    single_image_dim: {small}",
            f"    single_image_dim: {small}",
            "  }",
        ]
    made["projector_config.pbtxt"] = "\n".join([*config, "}", ""]).encode()
    return made


def _tensors(probe: Probe) -> bytes:
    return "".join(
        "\t".join(f"{one:.6g}" for one in row) + "\n" for row in probe.features.tolist()
    ).encode()


def _metadata(probe: Probe) -> bytes:
    lines = ["class\timage"]
    for row, label in zip(probe.index.tolist(), probe.labels.tolist(), strict=True):
        name = "" if label < 0 else probe.classes[label]
        path = str(row) if probe.catalogue is None else probe.catalogue.paths[row]
        lines.append("\t".join(one.replace("\t", " ").replace("\n", " ") for one in (name, path)))
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")
