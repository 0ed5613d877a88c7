"""The lock file that keeps two processes from training in one run directory."""

from __future__ import annotations

import json
import os
import socket
import uuid
from pathlib import Path
from typing import Any

import psutil

from sslcore.engine.store import SaveError
from sslcore.runs import atomic


class Holder:
    """Whoever claimed a directory: a process of this machine, or of another one.

    Attributes:
        pid: its number in its system.
        host: name of its machine.
    """

    def __init__(self, owner: dict[str, Any]) -> None:
        self._owner = owner
        self.pid = owner.get("pid")
        self.host = owner.get("host")

    @property
    def alive(self) -> bool:
        """Whether it still runs; unknown on another machine, where it counts as running."""
        return _alive(self._owner)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Holder) and self._owner == other._owner

    def __hash__(self) -> int:
        return hash((self.pid, self.host))


class Claim:
    """A lock file naming its owner; one left behind by a process that died is taken over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._token: str | None = None

    def take(self) -> None:
        """Claim the directory.

        Raises:
            SaveError: if a live process (or one on another machine) has it, or on a disk error.
        """
        owner = self._owner()
        if owner is not None:
            if _alive(owner):
                raise SaveError(
                    f"{self.path.parent}: process {owner.get('pid')} on {owner.get('host')} trains "
                    f"here already; stop it, choose another run directory, or delete "
                    f"{self.path.name} if you know that it is gone"
                )
            self.path.unlink(missing_ok=True)
        token = uuid.uuid4().hex
        content = json.dumps(
            {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "started": psutil.Process().create_time(),
                "token": token,
            }
        )
        with atomic.explained(self.path):
            try:
                descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            except FileExistsError:
                raise SaveError(f"{self.path.parent}: another process just claimed it") from None
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
        self._token = token

    def release(self) -> None:
        """Remove the lock file if it is ours."""
        owner = self._owner()
        if self._token is not None and owner is not None and owner.get("token") == self._token:
            self.path.unlink(missing_ok=True)
        self._token = None

    @property
    def held(self) -> bool:
        """Whether a live process trains here, this one included."""
        return self.holder is not None

    @property
    def holder(self) -> Holder | None:
        """The live process that trains here, this one included; None if there is none."""
        owner = self._owner()
        return Holder(owner) if owner is not None and _alive(owner) else None

    def _owner(self) -> dict[str, Any] | None:
        try:
            owner: Any = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            return {}
        return owner if isinstance(owner, dict) else {}


def _alive(owner: dict[str, Any]) -> bool:
    """Whether the owner still runs; unknown on another machine, where it counts as running."""
    if not owner:
        return False
    if owner.get("host") != socket.gethostname():
        return True
    try:
        process = psutil.Process(int(owner["pid"]))
        if process.status() == psutil.STATUS_ZOMBIE:  # it ended, only its parent did not look yet
            return False
        return abs(process.create_time() - float(owner["started"])) < 2.0
    except (psutil.NoSuchProcess, KeyError, TypeError, ValueError):
        return False
    except psutil.AccessDenied:
        return True
