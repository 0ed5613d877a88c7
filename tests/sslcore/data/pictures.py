"""Small pictures for the tests of this folder."""

import zlib
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image


def noise(height: int, width: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    return values[..., 0] if channels == 1 else values


def smooth(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Colour ramps: JPEG keeps them, and every corner differs."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * 255 / max(1, width - 1), y * 255 / max(1, height - 1), x * 0 + 40 + seed % 7 * 30]
    return np.stack(planes, -1).astype(np.uint8)


def save(path: Path, pixels: np.ndarray | None = None, seed: int = 0, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(noise(12, 10, seed=seed) if pixels is None else pixels)
    image.save(path, **options)
    return path


def huge_png(path: Path, width: int, height: int) -> Path:
    """A PNG of a few bytes whose header promises width x height pixels."""
    save(path, np.zeros((4, 4), np.uint8))
    data = bytearray(path.read_bytes())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    path.write_bytes(bytes(data))
    return path


def five_bands(root: Path, count: int = 30) -> Path:
    """TIFF files of five bands of 16 bits and 16 px in three classes, told apart by two bands.

    Every other one is planar.
    """
    random = np.random.default_rng(5)
    for number in range(count):
        name = ("field", "forest", "water")[number % 3]
        pixels = random.integers(900, 1500, (16, 16, 5), np.uint16)
        pixels[..., 3 + number % 2] += np.uint16(3000 * (number % 3))
        (root / name).mkdir(parents=True, exist_ok=True)
        planar = number % 2 == 1
        tifffile.imwrite(
            root / name / f"{number:02d}.tif",
            np.ascontiguousarray(pixels.transpose(2, 0, 1)) if planar else pixels,
            photometric="minisblack",
            planarconfig="separate" if planar else "contig",
        )
    return root
