import numpy as np
import pytest
from PIL import Image

from sslcore.data import demo_kinds
from sslcore.data.catalogue import Cancelled
from sslcore.data.scenes import scenes


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("kind", list(demo_kinds.COUNTS))
def test_the_same_seed_gives_the_same_bytes_and_a_whole_set_is_left_alone(tmp_path, kind):
    once = demo_kinds.make(tmp_path / "a", kind, count=7, size=16)
    assert contents(once) == contents(demo_kinds.make(tmp_path / "b", kind, count=7, size=16))
    other = demo_kinds.make(tmp_path / "c", kind, count=7, size=16, seed=1)
    assert contents(once) != contents(other)
    told = []
    demo_kinds.make(once, kind, count=7, size=16, progress=lambda *done: told.append(done))
    assert told == []


def test_shapes_move_a_little_from_frame_to_frame_and_stay_inside():
    drawn = scenes(9, 2, 0)
    clips = demo_kinds.moved(drawn, 30, range(9))
    assert np.array_equal(clips.shape.reshape(9, 30, 2)[:, 3], drawn.shape)
    places = clips.centre.reshape(9, 30, 2, 2)
    np.testing.assert_allclose(places[:, 0], drawn.centre, atol=1e-6)
    assert places.min() >= 0.2 - 1e-6
    assert places.max() <= 0.8 + 1e-6
    steps = np.linalg.norm(np.diff(places, axis=1), axis=-1)
    assert steps.max() <= 0.0501
    assert (np.abs(places - places[:, :1]).max(1) > 0.02).any(-1).all()
    again = demo_kinds.moved(drawn.rows(slice(4, 6)), 30, range(4, 6))
    assert np.array_equal(again.centre, clips.centre[120:180]), "a clip does not hang on others"


def test_pairs_hold_millimetres_and_class_numbers(tmp_path):
    folder = demo_kinds.make(tmp_path / "pairs", "pairs", count=3, size=24)
    depth = np.asarray(Image.open(folder / "depth" / "00001.png"))
    labels = Image.open(folder / "labels" / "00001.png")
    assert depth.dtype == np.uint16
    assert 700 < depth.min() < depth.max() <= 4000
    assert labels.mode == "P"
    assert (depth[np.asarray(labels) > 0] < 2500).all()


def test_captions_say_what_is_drawn(tmp_path):
    folder = demo_kinds.make(tmp_path / "captions", "captions", count=12, size=16)
    for file in folder.rglob("*.txt"):
        sentence = file.read_text().split()
        assert file.parent.name in sentence
        assert sentence[0] == "a"
        assert sentence[1] in ("small", "large")
        assert sentence[-1] == "ground"
        assert file.with_suffix(".png").exists()


def test_bad_numbers_and_a_cancel_are_answered(tmp_path):
    with pytest.raises(ValueError, match="kind = 'films'"):
        demo_kinds.make(tmp_path / "x", "films")
    with pytest.raises(ValueError, match="count = 0"):
        demo_kinds.make(tmp_path / "x", "pairs", count=0)
    with pytest.raises(Cancelled):
        demo_kinds.make(tmp_path / "x", "pairs", count=3, cancelled=lambda: True)
