"""Every method on the demo set it needs, for the same few minutes: what it learned, in a table.

    python -m tests.benchmarks.all_methods --minutes 3 --seeds 0 1 2 --keep RUNS
    python -m tests.benchmarks.all_methods --methods byol --epochs 22 --seeds 1 2 --keep RUNS

Uses the command line of the product with each method's shipped small preset and as many epochs as
fit the minutes (from a short trial of speed on this machine, so keep it idle; ``--epochs`` says how
many instead, for more seeds of a row that stands already). ``--recipes`` adds
shipped experiments (``simsiam.no_stop_gradient``). kNN (k = 20) is on the classes of the demo set's
folders, with the untrained encoder and raw pixels beside it; "pretext" is the accuracy the method
itself reports, first and last tenth of the run. A run that is in RUNS already is read, not
repeated. Prints Markdown rows for docs/results.md; ``--write docs/results.md`` also puts each into
its table there as soon as it is known, in place of the one of the same recipe and seed if there is
one.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from sslcore.method import find, registry
from sslcore.recipe import preset, presets
from tests.benchmarks import results_page
from tests.benchmarks.results_page import HEAD
from tests.benchmarks.trained import Trained, knn, sslcore, train


def main() -> None:
    """Read the arguments, train and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--keep", type=Path, required=True, help="folder for sets and runs")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--epochs", type=int, help="of every run, instead of a trial")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--methods", nargs="*", default=None, help="default: all")
    parser.add_argument("--recipes", nargs="+", default=[], help="more shipped recipes")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the rows into its tables")
    arguments = parser.parse_args()
    if arguments.write is not None:  # a page that cannot take them is told before minutes are spent
        results_page.write(arguments.write, [])
    print(HEAD, flush=True)
    chosen = list(registry()) if arguments.methods is None else arguments.methods
    for name in [*chosen, *arguments.recipes]:
        for seed in arguments.seeds:
            found = row(name, seed, arguments)
            print(found, flush=True)
            if arguments.write is not None:
                results_page.write(arguments.write, [found], list(registry()))


def row(name: str, seed: int, arguments: argparse.Namespace) -> str:
    """Train one recipe with one seed; its row."""
    recipe = preset(name)
    folder = demo(find(recipe.method.key).card.needs, arguments.keep)
    file = arguments.keep / f"{name}.toml"
    file.write_text(presets()[name], "utf-8")
    chosen = ("--recipe", str(file))
    common = [f"run.seed={seed}", "run.threads=1", *arguments.settings]
    epochs = arguments.epochs or fitting(name, folder, chosen, common, arguments)
    run = arguments.keep / f"{name}-seed{seed}"
    settings = [f"schedule.epochs={epochs}", f"run.evaluate_every={epochs}"]
    found = train(folder, run, chosen, [*common, *settings])
    return "| " + " | ".join([name, str(seed), *cells(found, run)]) + " |"


def fitting(
    name: str,
    folder: Path,
    chosen: tuple[str, ...],
    common: list[str],
    arguments: argparse.Namespace,
) -> int:
    """Epochs that fit the minutes, from a trial of one."""
    trial = train(
        folder,
        arguments.keep / f"{name}-trial",
        chosen,
        [*common, "schedule.epochs=1", "run.probe_images=200"],
    )
    images = sum(1 for _ in trial.steps) * preset(name).schedule.batch_size
    images /= max(trial.epochs, 1e-9)
    return max(1, round(trial.speed * arguments.minutes * 60 / images))


def cells(found: Trained, run: Path) -> list[str]:
    """The figures of a run, in the order of the table's columns behind name and seed."""
    dimensions = preset_dimensions(run)
    pixels = "-"
    if "knn_20" in found.metrics:
        pixels = f"{knn(run)['pixels']['20']:.1%}"
    first, last = found.around("accuracy")
    loss = found.around("loss")
    return [
        f"{found.epochs:.0f}",
        f"{loss[0]:.3f} to {loss[1]:.3f}",
        "-" if math.isnan(last) else f"{first:.1%} to {last:.1%}",
        share(found.reference.get("knn_20")),
        pixels,
        share(found.metrics.get("knn_20")),
        f"{found.metrics['feature_std'] * math.sqrt(dimensions):.2f}",
        f"{found.metrics['rank_me']:.0f}",
        f"{found.speed:.0f}",
    ]


def share(value: float | None) -> str:
    """A share in percent, or a dash where there are no classes."""
    return "-" if value is None else f"{value:.1%}"


def preset_dimensions(run: Path) -> int:
    """Length of a feature vector of a run's encoder."""
    from sslcore.runs.export import load_encoder

    return load_encoder(run).dimensions


def demo(kind: str, keep: Path) -> Path:
    """The demo set of a kind, drawn once."""
    folder = keep / f"demo-{kind}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        sslcore("demo", str(folder), "--kind", kind)
    return folder


if __name__ == "__main__":
    main()
