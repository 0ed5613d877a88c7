import numpy as np
import pytest

from sslcore.data.sequences import Sequences, continuous, numbered

NONE = [""] * 100


def made(*lengths):
    starts = np.concatenate([[0], np.cumsum(lengths)])
    names = tuple(str(number) for number in range(len(lengths)))
    return Sequences(names, np.arange(starts[-1])[::-1].copy(), starts)


def test_numbers_are_ordered_as_numbers_and_folders_kept_apart():
    paths = ["a/10.png", "a/2.png", "a/9.png", "b/x_1.png", "b/x_2.png", "b/x_03.png", "b/y_1.png"]
    found = numbered(paths, NONE)
    assert found.names == ("a", "b/x_")
    assert [paths[row] for row in found.rows] == [
        "a/2.png",
        "a/9.png",
        "a/10.png",
        "b/x_1.png",
        "b/x_2.png",
        "b/x_03.png",
    ]
    assert found.starts.tolist() == [0, 3, 6]


def test_one_flat_folder_is_grouped_by_what_stands_before_the_number():
    paths = [f"{name}_{i:04d}.jpg" for name in ("run", "walk") for i in range(4)]
    assert numbered(paths, NONE).names == ("run_", "walk_")


def test_frames_of_videos_and_times_as_names():
    paths = [*(f"a.mp4#{i:06d}" for i in range(3)), *(f"t/1305.{i}.png" for i in (17, 3, 25))]
    found = numbered(paths, NONE)
    assert found.names == ("a.mp4", "t")
    assert found.rows.tolist() == [0, 1, 2, 3, 5, 4]  # 1305.17 < 1305.25 < 1305.3


def test_names_without_numbers_and_two_images_are_no_sequence():
    assert numbered(["cat.png", "dog.png", "a1.png", "a2.png"], NONE) is None


def test_a_sequence_ends_where_the_split_changes():
    paths = [f"{i}.png" for i in range(8)]
    found = numbered(paths, ["train"] * 4 + ["test"] * 4)
    assert found.lengths.tolist() == [4, 4]


@pytest.mark.parametrize(("frames", "step"), [(2, 1), (3, 1), (4, 1), (5, 1), (3, 2), (2, 3)])
def test_windows_are_what_a_plain_loop_finds(frames, step):
    sequences = made(5, 2, 7)
    plain = {}
    for start, stop in zip(sequences.starts, sequences.starts[1:], strict=False):
        rows = sequences.rows[start:stop].tolist()
        for first in range(len(rows) - (frames - 1) * step):
            window = rows[first : first + (frames - 1) * step + 1 : step]
            plain[window[frames // 2]] = window
    middles = sequences.middles(frames, step)
    assert middles.tolist() == sorted(plain)
    found = sequences.windows(middles, frames, step)
    assert found.tolist() == [plain[row] for row in middles]


def test_no_window_leaves_its_sequence():
    sequences = made(3, 3)
    with pytest.raises(ValueError, match="not in the middle of 3 frames"):
        sequences.windows(np.array([3]), 3, 1)
    with pytest.raises(ValueError, match="not in the middle"):
        sequences.windows(np.array([9]), 3, 1)


def test_numbers_of_rows():
    numbers = made(2, 3).numbers(7)
    assert numbers.tolist() == [1, 1, 1, 0, 0, -1, -1]


def test_neighbours_of_a_scene_look_alike_and_pictures_of_a_class_do_not():
    generator = np.random.default_rng(0)
    noise = generator.random((60, 8, 8))
    drift = noise[0] + np.cumsum(generator.random((60, 8, 8)) - 0.5, 0)
    for sequences in (made(60), made(20, 20, 20)):
        order = sequences.rows
        place = {int(row): i for i, row in enumerate(order)}
        assert continuous(sequences, lambda row, place=place: drift[place[row]])
        assert not continuous(sequences, lambda row: noise[row])
    assert not continuous(made(9), lambda _: np.zeros((8, 8))), "equal pictures tell nothing"
    assert not continuous(made(9), lambda _: None)
