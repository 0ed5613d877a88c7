"""``sslcore export``: the encoder of a run in a form that other programs read."""

from __future__ import annotations

import argparse
from pathlib import Path

from sslcore.assessment.watch import Watch
from sslcore.commands.console import Stages, open_run, say
from sslcore.export import format as formats
from sslcore.export import writing
from sslcore.export.source import Source


def run(arguments: argparse.Namespace) -> int:
    """Write the encoder, and say what it was compared with."""
    out = Path(arguments.out)
    writing.refuse_what_is_there(out)  # before the seconds of loading
    source = Source.open(open_run(arguments.run), arguments.checkpoint)
    done = formats.export(source, arguments.format, out, Watch(Stages()))
    say(f"{done.path}: {', '.join(done.files)} ({done.size / 1e6:.1f} MB)")
    if done.difference is not None:
        say(f"Features equal the encoder's within {done.difference:.1g}.")
    return 0
