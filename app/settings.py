"""What the window remembers between two starts, and the folders it may write to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal, cast

import platformdirs
from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from app import theme
from app.wording import run_name

APPLICATION = "ssl-workbench"
RECENT = 8


class Settings(QObject):
    """Values in an ini file of the configuration folder.

    The environment variables SSL_WORKBENCH_CONFIG, SSL_WORKBENCH_RUNS and SSL_WORKBENCH_CACHE put
    the three folders elsewhere.

    Args:
        remember: False keeps everything in memory only (photographs).
    """

    changed = Signal()

    def __init__(self, *, remember: bool = True) -> None:
        super().__init__()
        self.remember = remember
        self._store: QSettings | None = None
        self._values: dict[str, Any] = {}
        if remember:
            path = self.config_folder / "window.ini"
            self._store = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def config_folder(self) -> Path:
        """Where window.ini and the last recipe lie."""
        given = os.environ.get("SSL_WORKBENCH_CONFIG")
        return Path(given or platformdirs.user_config_dir(APPLICATION, appauthor=False))

    @property
    def runs_folder(self) -> Path:
        """Where new runs are created."""
        given = os.environ.get("SSL_WORKBENCH_RUNS") or self._text("runs_folder")
        if given:
            return Path(given)
        return Path(platformdirs.user_data_dir(APPLICATION, appauthor=False)) / "runs"

    @runs_folder.setter
    def runs_folder(self, folder: Path) -> None:
        self._set("runs_folder", str(folder))

    @property
    def runs_start(self) -> str:
        """Where a dialog begins that asks for a run: that folder, or the nearest above it."""
        folder = self.runs_folder.absolute()
        return str(next(one for one in (folder, *folder.parents) if one.is_dir()))

    def new_run_folder(self, method: str, images: str) -> Path:
        """Where a run that starts now may be written; two within a second get two folders."""
        first = path = self.runs_folder / run_name(method, images)
        number = 1
        while os.path.lexists(path):
            number += 1
            path = first.with_name(f"{first.name}-{number}")
        return path

    @property
    def cache_folder(self) -> Path:
        """Where decoded pixels and the demo set lie; may be deleted at any time."""
        given = os.environ.get("SSL_WORKBENCH_CACHE")
        return Path(given or platformdirs.user_cache_dir(APPLICATION, appauthor=False))

    @property
    def sets_folder(self) -> Path:
        """Where standard sets are fetched to: beside the runs, for caches are emptied."""
        return self.runs_folder.parent / "sets"

    @property
    def demo_folder(self) -> Path:
        """Where the demo set lies once it was made."""
        return self.cache_folder / "demo"

    @property
    def theme(self) -> theme.Name:
        """The theme chosen last."""
        return "light" if self._text("theme") == "light" else "dark"

    @theme.setter
    def theme(self, name: theme.Name) -> None:
        self._set("theme", name)

    @property
    def last_folder(self) -> str:
        """The image folder that was open, or ""."""
        return self._text("last_folder")

    @last_folder.setter
    def last_folder(self, folder: str) -> None:
        self._set("last_folder", folder)
        if folder:
            kept = [folder, *(one for one in self.recent_folders if one != folder)]
            self._set("recent_folders", json.dumps(kept[:RECENT]))

    @property
    def recent_folders(self) -> list[str]:
        """Folders opened before, latest first."""
        try:
            kept: Any = json.loads(self._text("recent_folders"))
        except ValueError:
            return []
        return [str(one) for one in cast("list[Any]", kept)] if isinstance(kept, list) else []

    @property
    def last_run(self) -> str:
        """The run directory that was open, or ""."""
        return self._text("last_run")

    @last_run.setter
    def last_run(self, folder: str) -> None:
        self._set("last_run", folder)

    @property
    def last_place(self) -> str:
        """The place that was shown, or ""."""
        return self._text("last_place")

    @last_place.setter
    def last_place(self, name: str) -> None:
        self._set("last_place", name)

    @property
    def tour_seen(self) -> bool:
        """Whether the tour was walked or skipped."""
        return self._text("tour_seen") == "yes"

    @tour_seen.setter
    def tour_seen(self, seen: bool) -> None:
        self._set("tour_seen", "yes" if seen else "")

    @property
    def own_process(self) -> bool:
        """Whether runs train in a process of their own, which outlives the window."""
        return self._text("own_process") == "yes"

    @own_process.setter
    def own_process(self, wanted: bool) -> None:
        self._set("own_process", "yes" if wanted else "")

    @property
    def tags_place(self) -> Literal["data", "run"]:
        """Whether tags are kept beside the images or in the open run."""
        return "run" if self._text("tags_place") == "run" else "data"

    @tags_place.setter
    def tags_place(self, place: Literal["data", "run"]) -> None:
        self._set("tags_place", place)

    @property
    def export_folder(self) -> Path | None:
        """Where the last export went, or None before the first one."""
        text = self._text("export_folder")
        return Path(text) if text else None

    @export_folder.setter
    def export_folder(self, folder: Path) -> None:
        self._set("export_folder", str(folder))

    @property
    def lists_folder(self) -> Path:
        """Where lists of excluded images lie that the recipe names."""
        return (self.config_folder if self.remember else self.cache_folder) / "excluded"

    @property
    def thumbnail_side(self) -> int:
        """Side of an image in galleries, in pixels."""
        text = self._text("thumbnail_side")
        return int(text) if text.isdecimal() else 96

    @thumbnail_side.setter
    def thumbnail_side(self, side: int) -> None:
        self._set("thumbnail_side", str(side))

    @property
    def geometry(self) -> QByteArray:
        """Place and size of the window as Qt saves it; empty at the first start."""
        return QByteArray.fromBase64(self._text("geometry").encode())

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._set("geometry", bytes(geometry.toBase64().data()).decode())

    @property
    def recipe_text(self) -> str:
        """The recipe of the last session as TOML, or "" (unreadable files count as none)."""
        try:
            return (self.config_folder / "recipe.toml").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    @recipe_text.setter
    def recipe_text(self, text: str) -> None:
        if self.remember:
            self.config_folder.mkdir(parents=True, exist_ok=True)
            (self.config_folder / "recipe.toml").write_text(text, encoding="utf-8")

    def sync(self) -> None:
        """Write to the disk now."""
        if self._store is not None:
            self._store.sync()

    def _text(self, key: str) -> str:
        if self._store is None:
            return str(self._values.get(key, ""))
        return str(self._store.value(key, ""))

    def _set(self, key: str, value: str) -> None:
        if self._store is None:
            self._values[key] = value
        else:
            self._store.setValue(key, value)
        self.changed.emit()
