"""An image file that is none of the run's: decoded, embedded and compared on a worker."""

from __future__ import annotations

import importlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.panels.explore_encoder import NO_ENCODER, EncoderAt, read_as_stored
from app.plots.raster import image_of
from app.wording import sentence

if TYPE_CHECKING:
    from app.panels.explore_layouts import Space
    from app.panels.explore_near import Banks, Near
    from app.panels.explore_probe import Probe
    from app.tasks import Task, Ticket
    from app.workspace import Workspace
    from sslcore.data.catalogue import Catalogue
    from sslcore.evaluation.bank import Bank


@dataclass(frozen=True, eq=False)
class Outside:
    """What became of a file.

    Attributes:
        path: of the file.
        picture: what is shown of it: the square the encoder saw.
        space: the probe images it was compared with, as the map shows them.
        step: of the checkpoint whose encoder saw it.
        features: (D,) float32 under that encoder.
        near: positions of the nearest probe images and cosines, under that encoder.
    """

    path: Path
    picture: QImage
    space: Space
    step: int
    features: NDArray[np.float32]
    near: Near

    @property
    def fits(self) -> bool:
        """Whether the map shows this very encoder, so that the file has a place on it."""
        return self.step == self.space.step


class _One:
    """A file as a store of one image, so that it goes the way all images go."""

    def __init__(self, image: Any) -> None:
        self._image = image

    def read(self, rows: NDArray[np.int64], /) -> Any:
        """(B, C, side, side) in [0, 1], the same image every time."""
        return self._image.expand(len(rows), -1, -1, -1)


class OutsideImages(QObject):
    """Embeds files with the open run's encoder, one at a time; a later one replaces an earlier.

    The encoder is that of the checkpoint at the map's step where there still is one. Else it is
    the newest one, and the probe images are embedded anew with it: features of two encoders have
    nothing to say to each other.

    Attributes:
        found: an :class:`Outside`.
        failed: (path, why), for a person.
        encoders: of the run, loaded once.

    Args:
        workspace: whose run has the encoder.
        banks: the unit rows of the map's features.
    """

    found = Signal(object)
    failed = Signal(object, str)

    def __init__(self, workspace: Workspace, banks: Banks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._banks = workspace, banks
        self._lock = threading.Lock()
        self.encoders = EncoderAt()
        self._again: tuple[tuple[Path, int], Space, Bank] | None = None
        self._task: Task | None = None

    def ask(self, path: Path, space: Space, probe: Probe, count: int) -> None:
        """Look for the probe images nearest to a file; ``found`` or ``failed`` follows.

        Args:
            path: of the file.
            space: the features the map shows.
            probe: the images behind them.
            count: neighbours.
        """
        record, directory = self._workspace.record, self._workspace.directory
        checkpoints = [] if record is None else list(record.checkpoints)
        if directory is None or not checkpoints:
            self.failed.emit(path, NO_ENCODER)
            return
        run = directory.path
        cache = self._workspace.settings.cache_folder

        def work(ticket: Ticket) -> Outside:
            with self._lock:
                step, encoder = self.encoders.load(run, checkpoints, space.step)
                bank = self._bank(run, step, encoder, space, probe.catalogue, cache, ticket)
            image = read_as_stored(path, encoder, probe.catalogue)
            features: NDArray[np.float32] = _extract(encoder, _One(image), np.zeros(1, np.int64))[0]
            if not np.isfinite(features).all():
                raise ValueError("the encoder gives no finite numbers for it: it has diverged")
            pictures: Any = importlib.import_module("sslcore.losses.pictures")
            picture = image_of(pictures.pixels(image)[0])
            near = bank.nearest(features, count)
            return Outside(path, picture, space, step, features, near)

        self._task = self._workspace.tasks.start(
            f"Asking the encoder about {path.name}",
            work,
            self._take,
            failed=lambda error: self.failed.emit(path, sentence(error)),
            key="explore/outside",
        )

    def _take(self, outside: Outside) -> None:
        self.found.emit(outside)

    def forget(self) -> None:
        """Another run: what is being done is called off, what is kept is dropped."""
        if self._task is not None:
            self._task.cancel()
        self._task = self._again = None
        self.encoders.forget()

    def _bank(
        self,
        run: Path,
        step: int,
        encoder: Any,
        space: Space,
        catalogue: Catalogue | None,
        cache: Path,
        ticket: Ticket,
    ) -> Bank:
        """The probe images' unit rows under the encoder of a step."""
        if step == space.step:
            return self._banks.of(space, ticket)
        known = self._again
        same = known is not None and known[0] == (run, step)
        if known is not None and same and np.array_equal(known[1].index, space.index):
            return known[2]
        if catalogue is None:
            raise ValueError(
                f"the map shows step {space.step:,}, the encoder is of step {step:,}, and the "
                "run's images are not open to be looked at again; open them, or stand at the end "
                "of the timeline"
            )
        store: Any = importlib.import_module("sslcore.data.pixel_store").PixelStore
        module: Any = importlib.import_module("sslcore.evaluation.bank")
        with store.open(
            catalogue,
            encoder.image_size,
            cache_folder=cache,
            budget_bytes=0,
            cancelled=ticket.cancelled,
        ) as pixels:
            features = _extract(encoder, pixels, space.index, ticket)
        made: Bank = module.Bank(features, cancelled=ticket.cancelled)
        self._again = ((run, step), space, made)
        return made


def _extract(
    encoder: Any, store: Any, rows: NDArray[np.int64], ticket: Ticket | None = None
) -> NDArray[np.float32]:
    extract: Any = importlib.import_module("sslcore.evaluation.features").extract
    return extract(
        encoder,
        store,
        rows,
        progress=None if ticket is None else ticket.progress,
        cancelled=None if ticket is None else ticket.cancelled,
        image_size=encoder.image_size,
    )
