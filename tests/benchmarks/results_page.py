"""Rows of a benchmark, put into the tables of a page that holds other things as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEAD = (
    "| recipe | seed | epochs | loss | pretext | kNN untrained | pixels | trained "
    "| std x sqrt(d) | RankMe | images/s |\n|" + "---|" * 11
)
"""Names of the columns, and the line below them."""
METHODS = "## All methods for the same three minutes"
EXPERIMENTS = "**Experiments, each once**"
"""What the lines begin with that each table is the first below."""


@dataclass(frozen=True)
class _Table:
    """Where a table's rows are.

    Attributes:
        first, end: lines of the first row and behind the last.
        close: how its lines end.
    """

    first: int
    end: int
    close: str


def merged(page: str, rows: Sequence[str], order: Sequence[str] = ()) -> str:
    """The page with some rows in its tables; every other byte stays.

    A row is known by its recipe and its seed. One that is there is replaced, another comes behind
    the lower seeds of its recipe. Methods that are new to the page stand as ``order`` says; an
    experiment (a recipe with a dot in its name) has a table of its own, new ones at its end.

    Args:
        page: Markdown.
        rows: "| recipe | seed | ...", without an end of line.
        order: keys of all methods.

    Raises:
        ValueError: if a table is missing, or a row is none of this kind.
    """
    lines = page.split("\n")
    for above in (METHODS, EXPERIMENTS):
        _table(lines, above)
    for row in rows:
        name, seed = _key(row)
        if row.count("|") != HEAD.partition("\n")[0].count("|"):
            raise ValueError(f"not a row of {HEAD.count('---')} cells: {row}")
        experiment = "." in name
        table = _table(lines, EXPERIMENTS if experiment else METHODS)
        known = [_key(one) for one in lines[table.first : table.end]]
        if (name, seed) in known:
            lines[table.first + known.index((name, seed))] = row + table.close
            continue
        place = _place(known, name, seed, [] if experiment else order)
        lines.insert(table.first + place, row + table.close)
    return "\n".join(lines)


def write(file: Path, rows: Sequence[str], order: Sequence[str] = ()) -> None:
    """Put rows into a page on disk, as it is at this moment (see :func:`merged`)."""
    page = file.read_bytes().decode("utf-8")
    changed = merged(page, rows, order)
    if changed != page:
        file.write_bytes(changed.encode("utf-8"))


def _table(lines: Sequence[str], above: str) -> _Table:
    """The first table below the line that begins so."""
    begin = next((at for at, line in enumerate(lines) if line.startswith(above)), None)
    if begin is None:
        raise ValueError(f"the page has no line that begins with {above!r}")
    heads = [at for at, line in enumerate(lines) if at > begin and line.startswith("|")]
    if not heads or [line.rstrip("\r") for line in lines[heads[0] :][:2]] != HEAD.split("\n"):
        raise ValueError(f"the table below {above!r} has other columns than: {HEAD}")
    first = heads[0] + 2
    end = first
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    return _Table(first, end, "\r" if lines[heads[0]].endswith("\r") else "")


def _key(row: str) -> tuple[str, int]:
    cells = [cell.strip() for cell in row.split("|")]
    if len(cells) < 3 or not cells[2].isdigit():
        raise ValueError(f"not a row of a recipe and a seed: {row}")
    return cells[1], int(cells[2])


def _place(known: Sequence[tuple[str, int]], name: str, seed: int, order: Sequence[str]) -> int:
    """Behind which of the rows a new one comes."""
    same = [at for at, (other, _) in enumerate(known) if other == name]
    if same:
        lower = [at for at in same if known[at][1] < seed]
        return lower[-1] + 1 if lower else same[0]
    before = order[: order.index(name)] if name in order else [other for other, _ in known]
    return max((at + 1 for at, (other, _) in enumerate(known) if other in before), default=0)
