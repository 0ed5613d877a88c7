import pytest
import torch
from torchvision.transforms.v2 import functional as pixels

from sslcore.augment.patches import Rotations, Tiles
from sslcore.augment.permutations import permutation_set


def draw(step, count=6, size=(12, 12), seed=0):
    return step.draw(torch.Generator().manual_seed(seed), count, size)


def test_rotations_equal_torchvision_and_their_answers():
    step = Rotations()
    images = torch.rand(6, 3, 12, 12)
    params = draw(step)
    result = step.apply(images, params, 12)
    truth = step.truth(params)
    assert result.shape == (24, 3, 12, 12)
    assert truth.tolist() == [0, 1, 2, 3] * 6
    for row, turns in enumerate(truth.tolist()):
        assert torch.allclose(result[row], pixels.rotate(images[row // 4], 90.0 * turns))
    assert step.describe(params, 0) == "0°, 90°, 180°, 270°"
    assert step.structural
    assert torch.equal(step.apply_target(images, params, 12), result)


def test_rotations_of_oblong_images_are_refused():
    with pytest.raises(ValueError, match="rotations needs square images, got 12 x 10"):
        draw(Rotations(), size=(12, 10))


def test_tiles_without_gap_put_together_in_order_are_the_image():
    step = Tiles(grid=3, gap=0.0)
    images = torch.rand(6, 3, 12, 12)
    params = draw(step)
    tiles = step.apply(images, params, 4).unflatten(0, (6, 9))
    truth = step.truth(params)
    assert truth.shape == (6, 9)
    assert torch.equal(truth.sort(1).values, torch.arange(9).expand(6, 9))
    for row in range(6):
        board = torch.zeros(3, 12, 12)
        for tile, cell in zip(tiles[row], truth[row].tolist(), strict=True):
            down, across = divmod(cell, 3)
            board[:, 4 * down : 4 * down + 4, 4 * across : 4 * across + 4] = tile
        assert torch.allclose(board, images[row], atol=1e-6)


def test_tiles_keep_inside_their_cells_and_move_in_them():
    step = Tiles(grid=2, gap=0.4)
    params = draw(step, 300, (20, 30))
    height, width = params["side"][0].tolist()
    assert (height, width) == (6, 9)
    down, across = params["order"] // 2, params["order"] % 2
    above, before = params["top"] - 10 * down, params["left"] - 15 * across
    assert (above.min(), above.max()) == (0, 4)
    assert (before.min(), before.max()) == (0, 6)


def test_tiles_in_reading_order():
    step = Tiles(grid=2, shuffled=False)
    params = draw(step)
    assert params["order"].tolist() == [[0, 1, 2, 3]] * 6
    assert step.describe(params, 0) == "1 2 3 4"
    assert step.fan_out == 4
    classes = torch.arange(144).reshape(1, 1, 12, 12).repeat(6, 1, 1, 1)
    cut = step.apply_target(classes, params, 5)
    assert cut.shape == (24, 1, 5, 5)
    assert cut[0, 0, 0, 0] == params["top"][0, 0] * 12 + params["left"][0, 0]


def test_too_many_tiles_are_refused():
    with pytest.raises(ValueError, match=r"tiles.grid = 8: an image of 12 x 12 px is too small"):
        draw(Tiles(grid=8))


def test_counted_orders_come_from_the_set_and_their_number_is_the_answer():
    step = Tiles(permutations=20)
    params = draw(step, 500)
    number = step.truth(params)
    assert number.shape == (500,)
    assert set(number.tolist()) == set(range(20))
    assert torch.equal(params["order"], permutation_set(20)[number])
    places = draw(Tiles(), 500)
    assert torch.equal(params["side"], places["side"])
    in_order = draw(Tiles(permutations=20, shuffled=False))
    assert step.truth(in_order).tolist() == [list(range(9))] * 6


def test_more_orders_than_there_are_or_too_many_tiles_to_count_them_are_refused():
    with pytest.raises(ValueError, match="count = 25: 4 tiles have 24 permutations"):
        draw(Tiles(grid=2, permutations=25))
    with pytest.raises(ValueError, match="tiles = 16"):
        draw(Tiles(grid=4, permutations=25))
