"""``sslcore report``: a run as one page of HTML."""

from __future__ import annotations

import argparse
from pathlib import Path

from sslcore.assessment.watch import Watch
from sslcore.commands.console import Stages, open_run, say
from sslcore.report import page


def run(arguments: argparse.Namespace) -> int:
    """Write the report."""
    out = Path(arguments.out)
    size = page.write(open_run(arguments.run), out, Watch(Stages()))
    say(f"{out} ({size / 1e3:.0f} kB)")
    return 0
