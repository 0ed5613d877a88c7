"""Videos: their frames as images with paths of their own, ``clip.mp4#000012``.

Read through PyAV, which is the optional extra ``video``. Frames are counted in the order they are
shown in. One reader a file is kept open, since decoding on is much cheaper than seeking.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL.Image import Image

SUFFIXES = frozenset({".mp4", ".avi", ".mov", ".webm", ".mkv", ".mpeg", ".mpg"})
"""Names that promise a video."""

MISSING = "a video; to read it install the extra 'video': pip install \"ssl-workbench[video]\""
"""What a person is told where PyAV is not installed."""

_FRAME = re.compile(r"(.+\.(?:mp4|avi|mov|webm|mkv|mpe?g))#(\d+)", re.IGNORECASE | re.DOTALL)
_READERS = 4  # Files kept open
_RECENT = 12  # Frames a reader remembers: threads ask for neighbours in a slightly mixed order
_JUMP = 48  # Frames that are rather decoded on than sought


class VideoError(ValueError):
    """A video that cannot be read; the message is the reason, for a person."""


@dataclass(frozen=True)
class Clip:
    """What is known of a video without decoding it.

    Attributes:
        times: presentation time of every frame, in order; None where the file has no times.
        count: frames.
        height, width: in pixels, as looked at.
    """

    times: tuple[int, ...] | None
    count: int
    height: int
    width: int


def installed() -> bool:
    """Whether PyAV can be imported."""
    return importlib.util.find_spec("av") is not None


def frame_path(video: str, number: int) -> str:
    """The path of a frame, counted from 0."""
    return f"{video}#{number:06d}"


def split_path(path: str) -> tuple[str, int] | None:
    """The video and number of a frame's path; None for any other path."""
    match = _FRAME.fullmatch(path)
    return None if match is None else (match[1], int(match[2]))


def look(path: Path) -> Clip:
    """Count the frames of a video.

    Raises:
        VideoError: with the reason, also where PyAV is not installed.
    """
    with _opened(path) as container:
        stream = _stream(container)
        packets = [packet for packet in container.demux(stream) if packet.size]
        times = sorted(packet.pts for packet in packets if packet.pts is not None)
        height, width = int(stream.height), int(stream.width)
        if not packets or min(height, width) < 1:
            raise VideoError("a video without any frames")
        known = len(set(times)) == len(packets)
        first = next(_decoded(container, stream, times[0] if known else None))
    if first.rotation % 180:
        height, width = width, height
    return Clip(tuple(times) if known else None, len(packets), height, width)


def read_frame(path: Path, number: int) -> Image:
    """One frame in RGB, upright. Safe to call from several threads.

    Raises:
        VideoError: with the reason.
    """
    with _lock:
        reader = _readers.pop(path, None) or _Reader(path)
        _readers[path] = reader
        while len(_readers) > _READERS:
            _readers.popitem(last=False)[1].close()
    return reader.read(number)


class _Reader:
    """A video that is open at some frame."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._clip = look(path)
        self._recent: OrderedDict[int, Image] = OrderedDict()
        self._container: Any = None
        self._frames: Iterator[Any] = iter(())
        self._next = 0

    def read(self, number: int) -> Image:
        with self._lock:
            if number in self._recent:
                return self._recent[number]
            if not 0 <= number < self._clip.count:
                raise VideoError(f"it has {self._clip.count} frames, none numbered {number}")
            if self._container is None or not self._next <= number < self._next + _JUMP:
                self._seek(number)
            while self._next <= number:
                self._decode()
            return self._recent[number]

    def close(self) -> None:
        with self._lock:
            if self._container is not None:
                self._container.close()
                self._container = None

    def _seek(self, number: int) -> None:
        """Stand at or before a frame; the next one decoded tells which it is."""
        if self._container is None or self._clip.times is None:
            if self._container is not None:
                self._container.close()
            self._container = _open(self._path)
        times = self._clip.times
        wanted = None if times is None else times[number]
        self._frames = _decoded(self._container, _stream(self._container), wanted)
        self._next = 0

    def _decode(self) -> None:
        try:
            frame = next(self._frames)
        except StopIteration:
            raise VideoError("truncated: the file ends before its last frame") from None
        except (OSError, ValueError) as error:
            raise VideoError(f"damaged: {error}") from None
        times = self._clip.times
        place = self._next if times is None else bisect_left(times, frame.pts)
        image = frame.to_image()
        self._recent[place] = image.rotate(frame.rotation, expand=True) if frame.rotation else image
        self._next = place + 1
        while len(self._recent) > _RECENT:
            self._recent.popitem(last=False)


_readers: OrderedDict[Path, _Reader] = OrderedDict()
_lock = threading.Lock()


def _open(path: Path) -> Any:
    if not installed():
        raise VideoError(MISSING)
    try:
        return importlib.import_module("av").open(str(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise VideoError(f"not a video that can be read ({reason})") from None


class _opened:  # noqa: N801 - used like the function contextlib would make of a generator
    """A container for a ``with`` block; what goes wrong inside becomes a VideoError."""

    def __init__(self, path: Path) -> None:
        self._container = _open(path)

    def __enter__(self) -> Any:
        return self._container

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._container.close()
        if isinstance(error, VideoError):
            return
        if isinstance(error, StopIteration):
            raise VideoError("a video without any frames") from None
        if isinstance(error, (OSError, ValueError)):
            raise VideoError(f"damaged: {error}") from None


def _stream(container: Any) -> Any:
    if not container.streams.video:
        raise VideoError("a file without any pictures, only sound or data")
    return container.streams.video[0]


def _decoded(container: Any, stream: Any, time: int | None) -> Iterator[Any]:
    """Frames from a keyframe at or before a time on (from where it stands without one)."""
    if time is not None:
        container.seek(time, stream=stream, backward=True)
    yield from container.decode(stream)
