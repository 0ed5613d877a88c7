"""``sslcore methods`` and ``sslcore demo``: what there is, and images to try it on."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from sslcore.commands.console import Meter, say
from sslcore.data import demo
from sslcore.method import idea, registry


def methods(arguments: argparse.Namespace) -> int:
    """List every method."""
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
    """Write the demo set."""
    meter = Meter("Drawing")
    try:
        folder = demo.make(
            Path(arguments.folder), arguments.count, arguments.size, arguments.seed, meter
        )
    finally:
        meter.close()
    say(str(folder))
    return 0
