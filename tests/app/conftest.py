"""Every test of the window: own folders, and no thread or timer left behind."""

import gc
import threading
import time
import weakref

import numpy as np
import pytest
import shiboken6
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QTimer

from app import theme
from app.core import import_core
from app.garbage import Garbage
from app.settings import Settings
from app.tasks import Ticket
from app.window import Window
from app.workspace import Workspace
from tests.app.plain import PLACES


def active(references):
    timers = [reference() for reference in references]
    return [one for one in timers if one and shiboken6.isValid(one) and one.isActive()]


def _threads():
    return {one for one in threading.enumerate() if one.name.startswith(("task", "training"))}


@pytest.fixture(scope="package", autouse=True)
def garbage(qapp):
    """As in the window: what lies in cycles dies on this thread only."""
    keeper = Garbage()
    yield keeper
    gc.collect()  # what is left would die on threads of other tests
    keeper.close()


@pytest.fixture(autouse=True)
def isolated(tmp_path, monkeypatch, qapp, garbage):
    """Settings, runs and caches below tmp_path; fails on threads and timers that still live."""
    for name in ("CONFIG", "RUNS", "CACHE"):
        monkeypatch.setenv(f"SSL_WORKBENCH_{name}", str(tmp_path / name.lower()))
    threads_before = _threads()
    started = []
    start = QTimer.start

    def recorded(timer, *arguments):
        started.append(weakref.ref(timer))
        return start(timer, *arguments)

    monkeypatch.setattr(QTimer, "start", recorded)
    theme.current().apply("dark")
    yield
    garbage.look()
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qapp.processEvents()
    end = time.monotonic() + 5
    while _threads() - threads_before and time.monotonic() < end:
        time.sleep(0.01)
    left = _threads() - threads_before
    assert not left, f"threads still run after the test: {sorted(one.name for one in left)}"
    if active(started):
        gc.collect()
    alive = active(started)
    for timer in alive:
        timer.stop()
    assert not alive, f"timers still run after the test: {[one.parent() for one in alive]}"


@pytest.fixture(scope="session")
def core():
    """The library, imported once."""
    return import_core(Ticket(lambda: None))


@pytest.fixture
def settings():
    return Settings()


@pytest.fixture
def workspace(qapp, settings):
    """A workspace without the library, closed at the end."""
    made = Workspace(settings)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def loaded(workspace, core, garbage):
    """A workspace with the library and the usual recipe."""
    garbage.settle()
    workspace.take_core(core)
    return workspace


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Two classes of twelve pictures each, 24 px."""
    folder = tmp_path_factory.mktemp("pictures")
    generator = np.random.default_rng(0)
    for number, name in enumerate(("cat", "dog")):
        (folder / name).mkdir()
        for image in range(12):
            pixels = generator.integers(0, 128, (24, 24, 3), dtype=np.uint8) + 100 * number
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name / f"{image:02d}.png")
    return folder


@pytest.fixture
def opened(loaded, pictures, qtbot):
    """A workspace with the pictures open and a recipe that trains in a second."""
    with qtbot.waitSignal(loaded.catalogue_changed, timeout=20_000):
        loaded.open_folder(pictures)
    loaded.set_recipe(
        loaded.recipe.with_set(
            {
                "data.image_size": 16,
                "backbone.width": 8,
                "schedule.epochs": 2,
                "schedule.batch_size": 8,
                "run.snapshot_every": 1,
                "run.probe_images": 8,
                "run.threads": 1,
                "run.device": "cpu",
            }
        )
    )
    return loaded


@pytest.fixture
def window(workspace, qtbot, monkeypatch):
    """The window around panels without content; torch is not loaded by itself."""
    monkeypatch.setattr("app.window.PLACES", PLACES)
    monkeypatch.setattr(workspace, "load_core", lambda: None)
    workspace.settings.tour_seen = True
    made = Window(workspace)
    qtbot.addWidget(made, before_close_func=lambda one: one.workspace.stop())
    made.start()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made
