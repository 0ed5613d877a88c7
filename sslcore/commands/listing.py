"""``sslcore methods``, ``demo`` and ``fetch``: what there is, and images to try it on."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from sslcore.commands import pages
from sslcore.commands.console import Meter, say
from sslcore.data import demo, demo_kinds, standard_sets
from sslcore.method import idea, registry


def methods(arguments: argparse.Namespace) -> int:
    """List every method, or write their pages."""
    if arguments.pages:
        written = pages.write(Path(arguments.pages))
        say(f"{len(written)} pages in {arguments.pages}")
        return 0
    if arguments.json:
        rows = [
            {
                "key": key,
                "title": method.card.title,
                "family": method.card.family,
                "mechanism": method.card.mechanism,
                "year": method.card.year,
                "paper": method.card.paper,
                "needs": method.card.needs,
                "backbone": method.card.backbone,
            }
            for key, method in registry().items()
        ]
        say(json.dumps(rows, indent=1, ensure_ascii=False))
        return 0
    for key, method in registry().items():
        say(f"{key:<24}{method.card.family:<16}{method.card.year}  {idea(method)}")
    return 0


def make_demo(arguments: argparse.Namespace) -> int:
    """Write a demo set."""
    meter = Meter("Drawing")
    folder, count = Path(arguments.folder), arguments.count
    numbers = (arguments.size, arguments.seed, meter)
    try:
        if arguments.kind == "images":
            demo.make(folder, demo.COUNT if count is None else count, *numbers)
        else:
            demo_kinds.make(folder, arguments.kind, count, *numbers)
    finally:
        meter.close()
    say(str(folder))
    return 0


def fetch(arguments: argparse.Namespace) -> int:
    """Write a standard set as a folder of images."""
    folder = Path(arguments.folder)
    downloads = Path(arguments.downloads or f"{folder}.downloads")
    meter = Meter("Writing")
    try:
        standard_sets.make(arguments.set, folder, downloads, meter, download=not arguments.offline)
    finally:
        meter.close()
    say(str(folder))
    return 0
