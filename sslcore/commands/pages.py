"""One Markdown page for every method, from what its file says of it: docstring, card and knobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomlkit

from sslcore.config import Knob, knobs
from sslcore.method import Method, about, registry
from sslcore.recipe import presets

_MADE = (
    "<!-- Made by `sslcore methods --pages docs/methods` from the method's file: change that. -->"
)


def write(folder: Path) -> list[Path]:
    """Write the pages of all methods and an index, README.md.

    Args:
        folder: made if need be.

    Returns:
        The files written.

    Raises:
        OSError: if one cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {f"{key}.md": page(method) for key, method in registry().items()}
    texts["README.md"] = index()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in texts]


def page(method: type[Method[Any]]) -> str:
    """The page of one method."""
    card = method.card
    lines = [
        _MADE,
        "",
        f"# {card.title}",
        f"`{method.key}` · {card.family} · {card.year} · needs {card.needs} · works on a "
        f"{card.backbone} of the backbone · [paper]({card.paper})",
        "",
        *_marked(about(method)),
        "",
        "## Settings",
        "",
        "| setting | default | range | paper | what it does |",
        "|---|---|---|---|---|",
        *(_row(one) for one in knobs(card.config)),
        "",
        "## What it shows while it trains",
        "",
        *(f"- **{spec.title}** (`{spec.name}`): {spec.help}" for spec in card.diagnostics),
        "",
        "## Recipes that come with it",
        "",
        *(
            f"- `{name}`: {_first_comment(text)}"
            for name, text in presets().items()
            if _method_of(text) == method.key
        ),
        "",
    ]
    return "\n".join(lines)


def index() -> str:
    """All methods in a table, by family and year."""
    rows = [
        f"| [{method.card.title}]({key}.md) | {method.card.family} | {method.card.year} "
        f"| {method.card.needs} | {about(method).partition(chr(10))[0]} |"
        for key, method in registry().items()
    ]
    head = ["| method | family | year | needs | idea |", "|---|---|---|---|---|"]
    return "\n".join([_MADE, "", f"# {len(rows)} methods", "", *head, *rows, ""])


def _marked(text: str) -> list[str]:
    """A docstring as Markdown: paragraphs as they are, what is indented as a block of code."""
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        indented = line.startswith("    ")
        if indented != inside and (indented or line.strip()):
            lines.append("```text" if indented else "```")
            inside = indented
        lines.append(line[4:] if indented else line.replace("``", "`"))
    if inside:
        lines.append("```")
    # A block that ends before an empty line ends above it.
    for at in range(1, len(lines)):
        if lines[at] == "```" and lines[at - 1] == "":
            lines[at - 1], lines[at] = lines[at], lines[at - 1]
    return lines


def _row(one: Knob) -> str:
    default = "none" if one.default is None else f"`{one.default}`"
    span = ", ".join(f"`{choice}`" for choice in one.choices) or one.bounds
    cells = (f"`{one.name}`", default, span, one.paper, one.help)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _first_comment(text: str) -> str:
    """The words at the top of a recipe."""
    words: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        words.append(line.lstrip("# ").strip())
    return " ".join(words)


def _method_of(text: str) -> str:
    return str(tomlkit.parse(text).unwrap().get("method", {}).get("key", ""))
