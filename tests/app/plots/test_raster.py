import numpy as np

from app.plots.raster import fitted, image_of, picture, with_diagonal


def test_cells_are_repeated_where_there_is_room():
    values = np.array([[1, 2], [3, 4]], np.float32)
    assert fitted(values, 4, 6).tolist() == [[1, 1, 1, 2, 2, 2]] * 2 + [[3, 3, 3, 4, 4, 4]] * 2


def test_cells_are_averaged_where_there_is_none():
    values = np.random.default_rng(0).normal(size=(10, 7)).astype(np.float32)
    made = fitted(values, 5, 7)
    assert np.allclose(made, values.reshape(5, 2, 7).mean(1), atol=1e-6)
    # 7 cells on 3 pixels: cut every cell in 3 and every pixel in 7, and average what meets.
    slow = np.repeat(values, 3, axis=1).reshape(10, 3, 7).mean(2)
    assert np.allclose(fitted(values, 10, 3), slow, atol=1e-6)


def test_a_cell_without_a_number_spoils_only_the_pixels_it_touches():
    values = np.ones((1, 10), np.float32)
    values[0, 9] = np.nan
    made = fitted(values, 1, 4)[0]
    assert np.allclose(made[:3], 1)
    assert np.isnan(made[3])


def test_the_exact_diagonal_is_painted_over_means():
    diagonal = np.linspace(0.5, 1.0, 64, dtype=np.float32)
    pixels = np.zeros((16, 16), np.float32)
    made = with_diagonal(pixels, diagonal)
    assert np.allclose(np.diagonal(made), diagonal.reshape(16, 4).mean(1))
    assert (np.diagonal(made, 1) > 0.4).all()
    assert made[0, 5] == 0
    assert pixels.max() == 0  # the picture given is not changed


def test_values_become_colours_of_the_table():
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    missing = np.array([9, 8, 7], np.uint8)
    image = picture(np.array([[-1, 0, 1], [-5, 5, np.nan]]), -1, 1, table, missing)
    grey = [[image.pixelColor(x, y).red() for x in range(3)] for y in range(2)]
    assert grey == [[0, 128, 255], [0, 255, 9]]


def test_a_picture_keeps_its_own_memory():
    rgb = np.full((3, 5, 3), 200, np.uint8)
    image = image_of(rgb)
    rgb[:] = 0
    assert image.pixelColor(4, 2).green() == 200
    assert (image.width(), image.height()) == (5, 3)


def test_a_flat_scale_is_no_division_by_zero():
    table = np.zeros((256, 3), np.uint8)
    with np.errstate(all="raise"):
        assert picture(np.zeros((1, 1)), 0.0, 0.0, table, table[0]).width() == 1
