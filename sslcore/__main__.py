"""The workbench without a screen: ``sslcore`` or ``python -m sslcore``."""

from __future__ import annotations

import argparse
import ast
import importlib
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

_SETTING = re.compile(r"\s*\w[\w.-]*\s*=")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage in front of it."""

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride] - one overload of two
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        words = _apart(sys.argv[1:] if args is None else args)
        return super().parse_known_args(words, namespace)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"sslcore: {message} (see: {self.prog} --help)\n")


def _apart(words: Sequence[str]) -> list[str]:
    """``--set a=1 b=2`` as ``--set a=1 --set b=2``.

    With ``nargs="+"`` argparse would take a folder that comes after the settings for one of them.
    """
    apart: list[str] = []
    state = ""  # "value" after --set, "more" after its first value
    for number, word in enumerate(words):
        if word == "--":  # all that follows are names
            return [*apart, *words[number:]]
        if state == "more" and _is_setting(word):
            apart.append("--set")
        elif state == "value" and not word.startswith("-"):
            state = "more"
        else:
            state = {"--set": "value"}.get(word, "more" if word.startswith("--set=") else "")
        apart.append(word)
    return apart


def _is_setting(word: str) -> bool:
    """Whether a word sets a field; "photos=2024" may be a folder, and no field has such a path."""
    if _SETTING.match(word) is None:
        return False
    return "." in word.partition("=")[0] or not os.path.exists(word)  # noqa: PTH110 - any text


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments; loads nothing heavy."""
    top = _Parser(prog="sslcore", description="Visual self-supervised learning without a screen.")
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser)

    one = commands.add_parser("methods", help="list the methods")
    one.add_argument("--json", action="store_true", help="as JSON")
    one.add_argument("--pages", metavar="DIR", help="write a page in Markdown for each of them")
    one.set_defaults(work="listing.methods")

    one = commands.add_parser("train", help="train on a folder, or go on with a run")
    one.add_argument("folder", nargs="?", help="images (or a CSV); not needed to resume")
    one.add_argument("--method", metavar="KEY", help="see: sslcore methods")
    one.add_argument("--recipe", metavar="FILE", help="a recipe instead of the method's preset")
    one.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="PATH=VALUE ...",
        help="change fields of the recipe, e.g. schedule.epochs=3 run.seed=1; may be repeated",
    )
    one.add_argument(
        "--resume",
        default="auto",
        metavar="auto|never|CHECKPOINT",
        help="where to go on if RUN_DIR holds a run (default: its newest checkpoint)",
    )
    one.add_argument("--out", required=True, metavar="RUN_DIR", help="the run directory")
    one.set_defaults(work="training.run")

    one = commands.add_parser("evaluate", help="measure a trained encoder")
    one.add_argument("run", metavar="RUN_DIR")
    for key, idea in _pages("assessment", "kinds"):
        one.add_argument(
            f"--{key.replace('_', '-')}",
            action="append_const",
            const=key,
            dest="measurements",
            help=idea.replace("%", "%%"),
        )
    one.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="MEASUREMENT.FIELD=VALUE ...",
        help="change settings, e.g. knn.neighbours=5; may be repeated",
    )
    one.add_argument(
        "--outside",
        action="append",
        default=[],
        metavar="ENCODER",
        help="measure another encoder beside it: torchvision:NAME, torchvision:NAME@DEFAULT (with "
        "its weights), timm:NAME@pretrained, FILE.safetensors@ARCHITECTURE, an exported "
        "encoder.safetensors or a run directory; as often as needed",
    )
    one.add_argument("--json", action="store_true", help="as JSON")
    one.add_argument("--checkpoint", default="auto", help="which one (default: the newest)")
    one.set_defaults(work="evaluation.run", measurements=[])

    one = commands.add_parser("study", help="many short runs that differ in one thing")
    one.add_argument("folder", nargs="?", help="images (or a CSV); not needed to go on")
    one.add_argument("--method", metavar="KEY", help="see: sslcore methods")
    one.add_argument("--recipe", metavar="FILE", help="a recipe instead of the method's preset")
    one.add_argument(
        "--set", action="append", default=[], dest="settings", metavar="PATH=VALUE ...",
        help="change fields of the recipe of all trials",
    )  # fmt: skip
    one.add_argument(
        "--kind",
        choices=("augmentation-pairs", "leave-one-out", "grid"),
        help="every step alone and in pairs; all steps but one; combinations of knobs",
    )
    one.add_argument(
        "--shipped", metavar="NAME", help="a known experiment of the field instead (see --list)"
    )
    one.add_argument("--list", action="store_true", help="only name the shipped studies")
    one.add_argument(
        "--vary", action="append", default=[], metavar="PATH=A,B,C", help="a knob of the grid"
    )
    one.add_argument(
        "--epochs", type=int, help="of each trial (default: 10, or those of the shipped study)"
    )
    one.add_argument(
        "--measure",
        choices=("knn", "linear", "rank"),
        help="what trials are judged by (default: linear, or as shipped); rank, the effective rank "
        "of the features, needs no classes",
    )
    one.add_argument(
        "--both-branches",
        action="store_true",
        help="pairs: apply the steps to both views (the SimCLR paper applies them to one)",
    )
    one.add_argument("--forecast", action="store_true", help="only say how long it will take")
    one.add_argument("--now", action="store_true", help="begin without timing some steps first")
    one.add_argument("--json", action="store_true", help="as JSON")
    one.add_argument("--out", metavar="STUDY_DIR", help="where it is kept; needed but for --list")
    one.set_defaults(work="studying.run")

    one = commands.add_parser("embed", help="write features of images to a file")
    one.add_argument("run", metavar="RUN_DIR")
    one.add_argument("folder", nargs="?", metavar="FOLDER", help="default: the run's own folder")
    one.add_argument("--out", required=True, metavar="FILE.npz|.csv|.parquet")
    one.add_argument("--layer", choices=("features", "projection"), default="features")
    one.add_argument("--checkpoint", default="auto", help="which one (default: the newest)")
    one.set_defaults(work="embedding.run")

    formats = dict(_pages("export", "formats"))
    one = commands.add_parser(
        "export",
        help="take an encoder (or a run's log) to other programs",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="formats:\n" + "\n".join(f"  {key:<14}{idea}" for key, idea in formats.items()),
    )
    one.add_argument("run", metavar="RUN_DIR")
    one.add_argument("--format", required=True, choices=tuple(formats), metavar="FORMAT")
    one.add_argument(
        "--out", required=True, metavar="PATH", help="a folder, or a file such as encoder.onnx"
    )
    one.add_argument("--checkpoint", default="auto", help="which one (default: the newest)")
    one.set_defaults(work="exporting.run")

    one = commands.add_parser("report", help="a run as one page of HTML, to show and to keep")
    one.add_argument("run", metavar="RUN_DIR")
    one.add_argument("--out", metavar="FILE.html", help="default: report.html in the run directory")
    one.set_defaults(work="reporting.run")

    one = commands.add_parser("carry", help="carry a mask of a clip's first frame along the clip")
    one.add_argument("run", metavar="RUN_DIR", help="a run of video colourisation")
    one.add_argument(
        "--frames", required=True, metavar="CLIP", help="a folder of numbered frames, or a video"
    )
    one.add_argument(
        "--mask", required=True, metavar="FILE.png",
        help="of the first frame: a number (grey or palette) for every object, 0 for the ground",
    )  # fmt: skip
    one.add_argument("--out", required=True, metavar="DIR", help="masks, overlays and scores")
    one.add_argument("--first", default="", metavar="NAME", help="frame to begin with")
    one.add_argument("--count", type=int, help="frames at most (default: to the clip's end)")
    one.add_argument(
        "--truth", metavar="DIR", help="true masks by the frames' names, to score it by (J mean)"
    )
    one.add_argument(
        "--size", type=int, metavar="PIXELS",
        help="short side at which frames are read (default: twice that of training)",
    )  # fmt: skip
    one.add_argument(
        "--temperature", type=float, help="of the attention (default: half that of training)"
    )
    one.add_argument(
        "--references", type=int, help="frames copied from at most (default: as in training)"
    )
    one.add_argument("--checkpoint", default="auto", help="which one (default: the newest)")
    one.set_defaults(work="carrying.run")

    one = commands.add_parser("demo", help="write a demo set")
    one.add_argument("folder", metavar="DIR")
    one.add_argument(
        "--kind",
        choices=("images", "sequences", "pairs", "captions"),
        default="images",
        help="single images, clips of frames, images with depth, images with captions",
    )
    one.add_argument(
        "--count", type=int, help="pictures or clips (default: 3000 images, fewer of other kinds)"
    )
    one.add_argument("--size", type=int, default=48, help="side in pixels (default: 48)")
    one.add_argument("--seed", type=int, default=0)
    one.set_defaults(work="listing.make_demo")

    one = commands.add_parser("fetch", help="a standard set as a folder of images")
    one.add_argument("set", metavar="KEY", help="cifar10, cifar100, fashion_mnist, mnist, ...")
    one.add_argument("folder", metavar="DIR")
    one.add_argument(
        "--downloads", metavar="DIR", help="where its own files lie or go (default: DIR.downloads)"
    )
    one.add_argument("--offline", action="store_true", help="use what lies there, download nothing")
    one.set_defaults(work="listing.fetch")

    one = commands.add_parser("hha", help="disparity, height and angle (HHA) from depth, for pairs")
    one.add_argument("folder", metavar="FOLDER", help="with depth/x.png (16-bit) beside rgb/x.png")
    one.add_argument(
        "--focal",
        nargs=2,
        type=float,
        metavar=("FX", "FY"),
        help="focal lengths in pixels of the depth files, from the camera's calibration",
    )
    one.add_argument(
        "--field-of-view",
        type=float,
        metavar="DEGREES",
        help="instead of --focal: what the camera sees from the left edge to the right",
    )
    one.add_argument(
        "--centre",
        nargs=2,
        type=float,
        metavar=("CX", "CY"),
        help="optical axis in pixels (default: the middle of the image)",
    )
    one.add_argument(
        "--unit",
        type=float,
        metavar="METRES_PER_STEP",
        help="of the files (default: 0.001, millimetres; 1 for TIFF files with fractions)",
    )
    one.add_argument(
        "--depth", default="auto", metavar="NAME", help="its folder (default: depth or depths)"
    )
    one.add_argument("--out", default="hha", metavar="NAME", help="folder to write (default: hha)")
    one.add_argument("--again", action="store_true", help="also files that are there already")
    one.set_defaults(work="geocentric.run")

    one = commands.add_parser("check", help="train 20 steps here, on the CPU and the accelerator")
    one.set_defaults(work="checking.run")
    return top


def _pages(*folder: str) -> Iterator[tuple[str, str]]:
    """Keys of what lies in a folder of ours and the first line of each page; imports no torch."""
    for file in sorted(Path(__file__).parent.joinpath(*folder).glob("[!_]*.py")):
        page = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
        yield file.stem, page.partition("\n")[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command.

    Args:
        arguments: without the program's name; None takes those of the process.

    Returns:
        The exit code: 0 done, 1 failed on the way, 2 bad input, 130 interrupted.
    """
    try:
        return _carry_out(parser().parse_args(arguments))
    except SystemExit as end:
        return int(end.code or 0)
    except KeyboardInterrupt:  # also while torch is being imported
        sys.stderr.write("sslcore: interrupted\n")
        return 130


@contextmanager
def _quick_to_leave() -> Generator[None]:
    """While libraries are imported Ctrl+C ends the process: some of them swallow the exception."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        os.write(2, b"sslcore: interrupted\n")
        os._exit(130)

    before = signal.getsignal(signal.SIGINT)
    here = threading.current_thread() is threading.main_thread()
    ours = here and before is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, before)


def _carry_out(parsed: argparse.Namespace) -> int:
    # A failed run says its one sentence; the traceback would only be in the way.
    logging.getLogger("sslcore").addHandler(logging.NullHandler())
    module, _, function = parsed.work.partition(".")
    with _quick_to_leave():
        from sslcore.commands.console import BAD_INPUT, sentence

        work = getattr(importlib.import_module(f"sslcore.commands.{module}"), function)
    try:
        return int(work(parsed))
    except BrokenPipeError:
        return 1
    except BAD_INPUT as error:
        sys.stderr.write(f"sslcore: {sentence(error)}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
