"""``sslcore report``: a run as one page of HTML."""

from __future__ import annotations

import argparse
from pathlib import Path

from sslcore.assessment.watch import Watch
from sslcore.commands.console import Stages, open_run, say
from sslcore.data.takeout import free_name
from sslcore.report import page


def run(arguments: argparse.Namespace) -> int:
    """Write the report."""
    directory = open_run(arguments.run)
    out = Path(arguments.out) if arguments.out else free_name(directory.path / "report.html")
    size = page.write(directory, out, Watch(Stages()))
    say(f"{out} ({size / 1e3:.0f} kB)")
    return 0
