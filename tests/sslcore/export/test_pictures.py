"""Diagnostics as pixels."""

import io

import numpy as np
from PIL import Image

from sslcore.diagnostics import Attention, Bars, ImageGrid, heatmap
from sslcore.export import colours, pictures


def test_a_matrix_is_enlarged_in_whole_cells() -> None:
    matrix = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    pixels = pictures.matrix(heatmap(matrix))
    assert pixels.shape == (258, 258, 3)
    assert pixels[40, 40].tolist() == [0xF0, 0x96, 0x3C]
    assert pixels[40, 120].tolist() == [0x46, 0x8C, 0xE6]
    assert pixels[200, 200].tolist() == [255, 255, 255]


def test_block_means_do_not_hide_the_diagonal() -> None:
    pixels = pictures.matrix(heatmap(np.eye(2048)))
    assert pixels.shape == (512, 512, 3)
    assert pixels[100, 100].tolist() == [0xF0, 0x96, 0x3C]
    assert pixels[100, 300].tolist() == [255, 255, 255]


def test_a_scale_without_a_middle() -> None:
    one = heatmap(np.array([[0.0, 10.0], [10.0, 5.0]]), low=0, high=10, diverging=False)
    pixels = pictures.matrix(one)
    assert pixels[0, 0].sum() < pixels[-1, -1].sum() < pixels[0, -1].sum()


def test_images_lie_side_by_side() -> None:
    images = np.zeros((2, 20, 4, 4, 3), np.uint8)
    images[1, 2] = 77
    grid = ImageGrid(images, ("a", "b"), np.arange(20))
    pixels = pictures.grid(grid, gap=2, most=5)
    assert pixels.shape == (10, 28, 3)
    assert (pixels[6:10, 12:16] == 77).all()
    assert (pixels[4:6] == 255).all()


def test_only_pictures_are_pictures() -> None:
    assert pictures.picture(Bars(("a",), np.ones(1, np.float32), "n")) is None
    assert pictures.picture(heatmap(np.eye(3))) is not None
    pixels = np.random.default_rng(0).integers(0, 255, (5, 6, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(pictures.png(pixels)))), pixels)


def test_attention_lies_over_grey_keys_under_the_query() -> None:
    shares = np.zeros((2, 4, 1, 4), np.float16)
    shares[:, 3, 0] = (0.0, 0.0, 0.5, 0.25)  # of the middle place: most to the lower left one
    red = np.zeros((2, 1, 4, 4, 3), np.uint8)
    red[..., 0] = 90
    one = Attention(
        np.full((2, 4, 4, 3), 50, np.uint8), red, shares, (2, 2), "target", ("last",), np.arange(2)
    )
    made = pictures.attention(one)
    assert made.shape == (4 + 2 + 4, 4 + 2 + 4, 3)
    crossed = made[:4, :4]
    assert (crossed[3] == 255).all(), "through the middle of the lower right place"
    assert (crossed[:, 3] == 255).all()
    assert (crossed[:3, :3] == 50).all()
    key = made[6:, :4].astype(float)
    yellow, none = colours.sequential(np.array([1.0, 0.0]), 0, 1).astype(float)
    assert np.abs(key[2:, :2] - (0.6 * yellow + 0.4 * 30)).max() <= 1
    assert np.abs(key[:2] - (0.6 * none + 0.4 * 30)).max() <= 1
    assert np.array_equal(pictures.picture(one), made)
