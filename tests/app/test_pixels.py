import threading

import pytest

from app.pixels import Pixels
from app.tasks import Ticket
from sslcore.data import demo_kinds


@pytest.fixture
def pixels(opened, tmp_path):
    made = Pixels(opened.catalogue, tmp_path / "cache", opened.tasks)
    yield made
    made.close()


def test_images_come_as_training_sees_them_in_the_order_asked_for(pixels, opened, qtbot):
    got = []
    pixels.sample([5, 17, 2], 16, got.append, "one")
    qtbot.waitUntil(lambda: bool(got), timeout=10_000)
    assert got[0].index.tolist() == [5, 17, 2]
    with pixels.store(16, Ticket(lambda: None)) as store:
        expected = store.read(got[0].index.numpy())
    assert (got[0].image == expected).all()
    assert got[0].image.shape[-1] == store.side


def test_nothing_is_written_for_a_single_picture(pixels, tmp_path, qtbot):
    got = []
    pixels.sample([0], 16, got.append, "one")
    qtbot.waitUntil(lambda: bool(got), timeout=10_000)
    assert not [one for one in (tmp_path / "cache").rglob("*") if one.is_file()]


def test_a_later_wish_replaces_an_earlier_one_of_the_same_kind(pixels, qtbot):
    got = []
    for row in range(6):
        pixels.sample([row], 16, got.append, "same")
    qtbot.waitUntil(lambda: bool(got), timeout=10_000)
    assert [one.index.tolist() for one in got] == [[5]]


def test_one_store_per_size(pixels):
    ticket = Ticket(lambda: None)
    with pixels.store(16, ticket) as first, pixels.store(16, ticket) as again:
        assert first is again
    with pixels.store(8, ticket) as other:
        assert other is not first


def test_a_store_is_closed_only_after_its_last_reader(opened, tmp_path):
    pixels = Pixels(opened.catalogue, tmp_path / "cache", opened.tasks)
    ticket = Ticket(lambda: None)
    inside, go, read = threading.Event(), threading.Event(), []

    def reader():
        with pixels.store(16, ticket) as store:
            inside.set()
            go.wait(10)
            read.append(store.read([0, 1]).shape[0])

    thread = threading.Thread(target=reader)
    thread.start()
    assert inside.wait(10)
    (store,) = pixels._stores.values()
    closed = []
    close = store.close
    store.close = lambda: (closed.append(True), close())
    pixels.close()
    assert closed == []
    go.set()
    thread.join()
    assert read == [2]
    assert closed == [True]


def test_what_is_being_read_is_dropped_at_the_end(opened, tmp_path, qtbot):
    pixels = Pixels(opened.catalogue, tmp_path / "cache", opened.tasks)
    got = []
    task = pixels.sample([0], 16, got.append, "one")
    pixels.close()
    qtbot.waitUntil(lambda: not task.running, timeout=10_000)
    assert got == []


def test_frames_come_along_where_the_method_is_trained_on_them(loaded, tmp_path, qtbot):
    folder = demo_kinds.make(tmp_path / "clips", "sequences", count=6, size=16)
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=20_000):
        loaded.open_folder(folder)
    assert loaded.catalogue.kinds == ("images", "sequences")
    got = []
    loaded.sample([0, 30], got.append, 16, "plain", as_trained=True)
    qtbot.waitUntil(lambda: len(got) == 1, timeout=10_000)
    assert got[0].frames is None, "Barlow Twins looks at single images"
    loaded.set_method("frame_prediction")
    assert loaded.facts().frames == loaded.recipe.data.frames == 5
    loaded.sample([0, 30], got.append, 16, "frames", as_trained=True)
    qtbot.waitUntil(lambda: len(got) == 2, timeout=10_000)
    assert got[1].frames.shape[:3] == (2, 5, 3)
    assert got[1].index.tolist() == [2, 30], "the first frame has no two before it"
    assert (got[1].frames[:, 2] == got[1].image).all()
    loaded.change_section("data", loaded.recipe.data.changed(frames=13))
    assert loaded.facts().count > 0, "that no sequence is so long is told when a run starts"
