"""Masks in files: numbers as they stand there, and what is none."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sslcore.data.image_file import UnreadableError
from sslcore.data.mask_file import MOST_LABELS, read_mask, save_mask

LABELS = np.array([[0, 0, 3], [9, 3, 3]])
PALETTE = np.arange(768, dtype=np.uint8).reshape(256, 3)


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_numbers_are_those_of_the_file(tmp_path: Path, mode: str) -> None:
    grey = Image.fromarray(LABELS.astype(np.uint8))
    if mode == "P":
        grey.putpalette(PALETTE.tobytes())
    picture = Image.fromarray(LABELS.astype(np.uint16)) if mode == "I;16" else grey
    if mode not in ("P", "I;16"):
        picture = grey.convert(mode)
    assert picture.mode == mode
    picture.save(tmp_path / "mask.png")
    found = read_mask(tmp_path / "mask.png")
    assert found.dtype == np.int64
    assert np.array_equal(found, LABELS)


def test_black_and_white_is_0_and_255(tmp_path: Path) -> None:
    Image.fromarray(LABELS == 3).save(tmp_path / "mask.png")
    assert np.array_equal(read_mask(tmp_path / "mask.png"), 255 * (LABELS == 3))


@pytest.mark.parametrize("high", [9, 300])
def test_what_is_saved_comes_back(tmp_path: Path, high: int) -> None:
    labels = np.where(LABELS == 9, high, LABELS)
    save_mask(tmp_path / "mask.png", labels, PALETTE)
    assert np.array_equal(read_mask(tmp_path / "mask.png"), labels)
    with Image.open(tmp_path / "mask.png") as file:
        assert file.mode == ("P" if high < 256 else "I;16")
        if high < 256:
            colours = np.array(file.convert("RGB"))
            assert colours[0, 2].tolist() == PALETTE[3].tolist()


def test_what_is_no_mask_is_told(tmp_path: Path) -> None:
    def refused(pixels: np.ndarray) -> str:
        Image.fromarray(pixels).save(tmp_path / "mask.png")
        with pytest.raises(UnreadableError) as caught:
            read_mask(tmp_path / "mask.png")
        return str(caught.value)

    colour = np.zeros((4, 4, 3), np.uint8)
    colour[0, 0, 1] = 9
    assert "mask.png: a picture in colour; save the mask with a palette" in refused(colour)
    assert "every pixel has the same value" in refused(np.zeros((4, 4), np.uint8))
    assert read_mask(tmp_path / "mask.png", empty=True).tolist() == [[0] * 4] * 4
    smooth = np.arange(MOST_LABELS + 1, dtype=np.uint8)[None]
    assert f"holds {MOST_LABELS + 1} different values" in refused(smooth)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(UnreadableError, match=r"broken\.png: "):
        read_mask(tmp_path / "broken.png")
    Image.fromarray(LABELS.astype(np.float32)).save(tmp_path / "mask.tif")
    with pytest.raises(UnreadableError, match="its pixels are fractions"):
        read_mask(tmp_path / "mask.tif")
