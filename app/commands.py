"""One registry of commands: menus, shortcuts, the palette and the help page read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

GROUPS = ("File", "Edit", "Run", "Go to", "View", "Help")


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """Something a person can do.

    Attributes:
        id: stable name, ``"run.start"``.
        title: what menus and palette say.
        run: does it.
        group: menu it belongs to; "" for commands only the palette lists.
        keys: shortcut as text (``"Ctrl+R"``), or "".
        enabled: whether it can be done now.
        bound: False where the keys are handled elsewhere and are only listed here.
        says: what menus and palette say now, where the title alone does not tell it.
    """

    id: str
    title: str
    run: Callable[[], object]
    group: str = ""
    keys: str = ""
    enabled: Callable[[], bool] = _always
    bound: bool = True
    says: Callable[[], str] | None = None

    @property
    def words(self) -> str:
        """What menus and palette say at this moment."""
        return self.title if self.says is None else self.says()


class Commands(QObject):
    """All commands of a window; shortcuts work in ``window`` and everything in it."""

    ran = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}

    def add(self, command: Command) -> None:
        """Enter a command; one of the same id is replaced.

        Raises:
            ValueError: if another command already has these keys.
        """
        for other in self._commands.values():
            if command.keys and other.keys == command.keys and other.id != command.id:
                raise ValueError(f"{command.keys} already runs {other.id}, not {command.id}")
        if (old := self._actions.pop(command.id, None)) is not None:
            self._window.removeAction(old)
            old.deleteLater()
        action = QAction(command.title, self._window)
        if command.keys and command.bound:
            action.setShortcut(QKeySequence(command.keys))
        action.triggered.connect(lambda: self.run(command.id))
        action.setEnabled(command.enabled())
        self._window.addAction(action)
        self._commands[command.id] = command
        self._actions[command.id] = action

    def all(self) -> list[Command]:
        """In the order they were entered."""
        return list(self._commands.values())

    def action(self, name: str) -> QAction:
        """The action of a command, for menus and buttons."""
        return self._actions[name]

    def run(self, name: str) -> bool:
        """Do it, unless it cannot be done now; whether it was done."""
        command = self._commands[name]
        if not command.enabled():
            return False
        command.run()
        self.ran.emit(name)
        return True

    def refresh(self) -> None:
        """Ask every command anew whether it can be done, and what it is called."""
        for name, action in self._actions.items():
            command = self._commands[name]
            enabled = command.enabled()
            if action.isEnabled() != enabled:
                action.setEnabled(enabled)
            if command.says is not None:
                action.setText(command.words.replace("&", "&&"))

    def find(self, words: str) -> list[Command]:
        """Commands whose title has all the words, possible ones first, best match first."""
        wanted = words.lower().split()
        found = [one for one in self.all() if all(word in one.words.lower() for word in wanted)]

        def rank(command: Command) -> tuple[bool, bool]:
            starts = command.words.lower().startswith(words.strip().lower())
            return (not command.enabled(), not starts)

        return sorted(found, key=rank)

    def menu(self, parent: QWidget) -> QMenu:
        """Every command that has a group, as one menu with a submenu per group."""
        made = QMenu(parent)
        for group in GROUPS:
            inner = made.addMenu(group)
            for command in self.all():
                if command.group == group:
                    inner.addAction(self._actions[command.id])
        return made
