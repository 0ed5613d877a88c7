import pytest
from PIL import Image

from app.standard import open_standard_set, standard_sets
from sslcore.data import standard_sets as library


class Two:
    """A dataset of two images, as torchvision gives them."""

    classes = ("cat", "dog")

    def __len__(self):
        return 2

    def __getitem__(self, number):
        return Image.new("RGB", (8, 8), (100 * number, 0, 0)), number


@pytest.fixture
def small(monkeypatch):
    parts = {"train": lambda *_: Two(), "test": lambda *_: Two()}
    monkeypatch.setitem(library.SETS, "two", library.StandardSet("Two", 4, "things", 8, 1, parts))


def test_a_set_is_fetched_and_opened(loaded, small, qtbot):
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=20_000):
        open_standard_set(loaded, "two")
    assert loaded.catalogue.root == loaded.settings.sets_folder / "two"
    assert len(loaded.catalogue) == 4
    assert loaded.catalogue.splits.count("test") == 2
    assert "two" in standard_sets()
    qtbot.waitUntil(lambda: not loaded.tasks.running(), timeout=20_000)


def test_a_set_that_cannot_be_had_is_told(loaded, monkeypatch, qtbot):
    def broken(*_):
        raise ConnectionError("no route to host")

    parts = {"train": broken}
    monkeypatch.setitem(library.SETS, "two", library.StandardSet("Two", 4, "things", 8, 1, parts))
    with qtbot.waitSignal(loaded.notice, timeout=20_000) as told:
        open_standard_set(loaded, "two")
    assert told.args[0] == "danger"
    assert "Two could not be downloaded (no route to host)" in told.args[1]
