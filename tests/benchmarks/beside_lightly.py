"""Four methods beside lightly's own implementation of them: kNN and a linear probe on CIFAR-10.

    pip install ".[bench]"
    python -m tests.benchmarks.beside_lightly --archive cifar10.tar.gz --minutes 10 --keep RUNS

Both train the same small network on the same 10,000 images, with the batch size, optimiser, widths
and strength of augmentation of our shipped small presets, for the same minutes by the clock: as
many epochs as a short trial says will fit. Lightly's side is what its documentation shows: its
transforms in one worker process of a DataLoader (it has the second core), its heads and its losses,
cosine decay. Ours is the product's command line. Both encoders are then asked by the same kNN and
the same linear classifier; queries are test images. Prints Markdown rows. ``--trials`` only times
both sides, on an idle machine; later calls with the same --keep read those times, so that the runs
themselves may go beside others: steps, not seconds, are fixed.
"""

from __future__ import annotations

import argparse
import copy
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from lightly import loss as losses
from lightly import transforms
from lightly.data import LightlyDataset
from lightly.models.modules import heads
from lightly.models.utils import deactivate_requires_grad, update_momentum
from lightly.transforms.multi_view_transform import MultiViewTransform
from torch import Tensor, nn
from torch.utils.data import DataLoader

from sslcore import load_encoder
from sslcore.data.catalogue import scan
from sslcore.nets import backbones
from sslcore.nets.encoder import Encoder
from sslcore.recipe import Recipe, preset
from tests.benchmarks.cifar10 import scores, subset, unpack
from tests.benchmarks.trained import epochs_in, train

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Lightly's own normalisation, for its side."""
TRIAL = 40
"""Steps whose time says how many epochs fit."""


class Pooled(nn.Module):
    """Our network as lightly takes one: images to vectors."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        backbone = recipe.backbone
        self.backbone = backbones.build(backbone.name, 3, recipe.data.image_size, backbone.width)
        self.dimensions = int(self.backbone.dimensions)

    def forward(self, images: Tensor) -> Tensor:
        return self.backbone.features(images).mean((2, 3))


class Siamese(nn.Module):
    """Both views through one encoder and one head, and a loss of the two."""

    def __init__(self, encoder: Pooled, head: nn.Module, criterion: nn.Module) -> None:
        super().__init__()
        self.encoder, self.head, self.criterion = encoder, head, criterion

    def forward(self, view_a: Tensor, view_b: Tensor) -> Tensor:
        return self.criterion(self.head(self.encoder(view_a)), self.head(self.encoder(view_b)))

    def step_done(self) -> None:
        """Nothing follows a step."""


class Byol(nn.Module):
    """As lightly's page on BYOL writes it, with the momentum of our preset."""

    def __init__(self, encoder: Pooled, config: Any) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = heads.BYOLProjectionHead(
            encoder.dimensions, config.head_hidden, config.head_output
        )
        self.predictor = heads.BYOLPredictionHead(
            config.head_output, config.predictor_hidden, config.head_output
        )
        self.slow_encoder, self.slow_head = copy.deepcopy(encoder), copy.deepcopy(self.head)
        deactivate_requires_grad(self.slow_encoder)
        deactivate_requires_grad(self.slow_head)
        self.criterion, self.momentum = losses.NegativeCosineSimilarity(), config.momentum

    def forward(self, view_a: Tensor, view_b: Tensor) -> Tensor:
        predicted = [self.predictor(self.head(self.encoder(one))) for one in (view_a, view_b)]
        with torch.no_grad():
            wanted = [self.slow_head(self.slow_encoder(one)) for one in (view_a, view_b)]
        return (
            self.criterion(predicted[0], wanted[1]) + self.criterion(predicted[1], wanted[0])
        ) / 2

    def step_done(self) -> None:
        """Move the slow copies."""
        update_momentum(self.encoder, self.slow_encoder, self.momentum)
        update_momentum(self.head, self.slow_head, self.momentum)


def simclr(encoder: Pooled, config: Any) -> nn.Module:
    """Two-layer head and NT-Xent."""
    head = heads.SimCLRProjectionHead(
        encoder.dimensions, config.head_hidden, config.head_output, config.head_layers
    )
    return Siamese(encoder, head, losses.NTXentLoss(temperature=config.temperature))


def barlow_twins(encoder: Pooled, config: Any) -> nn.Module:
    """Lightly's head has three layers, always."""
    head = heads.BarlowTwinsProjectionHead(
        encoder.dimensions, config.head_hidden, config.head_output
    )
    return Siamese(encoder, head, losses.BarlowTwinsLoss(config.redundancy_weight))


def vicreg(encoder: Pooled, config: Any) -> nn.Module:
    """Head as deep as ours."""
    head = heads.VICRegProjectionHead(
        encoder.dimensions, config.head_hidden, config.head_output, config.head_layers
    )
    criterion = losses.VICRegLoss(
        config.invariance_weight, config.variance_weight, config.covariance_weight
    )
    return Siamese(encoder, head, criterion)


METHODS: dict[str, Callable[[Pooled, Any], nn.Module]] = {
    "simclr": simclr,
    "barlow_twins": barlow_twins,
    "vicreg": vicreg,
    "byol": Byol,
}


def views(key: str, size: int) -> Any:
    """Lightly's transforms at the strength of our presets for small images: no blur, crops .2."""
    usual: dict[str, Any] = {"input_size": size, "min_scale": 0.2, "gaussian_blur": 0.0}
    if key == "simclr":
        return transforms.SimCLRTransform(cj_strength=0.5, **usual)
    usual |= {"cj_prob": 0.8, "cj_strength": 1.0}
    turned = {"solarization_prob": 0.1 if key == "vicreg" else 0.2}
    first = transforms.BYOLView1Transform(
        **usual, **(turned if key == "vicreg" else {"solarization_prob": 0.0})
    )
    return MultiViewTransform([first, transforms.BYOLView2Transform(**usual, **turned)])


class TheirRun:
    """Training with lightly's parts, in a loop as its documentation has it."""

    def __init__(self, key: str, folder: Path, seed: int) -> None:
        recipe = preset(key)
        torch.manual_seed(seed)
        self.encoder = Pooled(recipe)
        self.network = METHODS[key](self.encoder, recipe.method.config)
        data = LightlyDataset(str(folder), transform=views(key, recipe.data.image_size))
        self.loader = DataLoader(
            data, recipe.schedule.batch_size, shuffle=True, drop_last=True, num_workers=1,
            persistent_workers=True,
        )  # fmt: skip
        wanted = [one for one in self.network.parameters() if one.requires_grad]
        section = recipe.optimiser
        self.rate = section.learning_rate
        self.optimiser = torch.optim.AdamW(wanted, self.rate, weight_decay=section.weight_decay)
        self.seconds_a_step = math.nan

    def steps(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches, epoch after epoch."""
        while True:
            for batch in self.loader:
                yield batch[0][0], batch[0][1]

    def train(self, total: int) -> None:
        """So many steps with cosine decay."""
        self.network.train()
        begin = 0.0
        for number, (view_a, view_b) in zip(range(total), self.steps(), strict=False):
            if number == 5:  # the worker has started
                begin = time.monotonic()
            for group in self.optimiser.param_groups:
                group["lr"] = self.rate * (1 + math.cos(math.pi * number / total)) / 2
            found = self.network(view_a, view_b)
            self.optimiser.zero_grad()
            found.backward()
            self.optimiser.step()
            self.network.step_done()
        self.seconds_a_step = (time.monotonic() - begin) / max(total - 5, 1)


def their_steps(key: str, folder: Path, keep: Path, minutes: float) -> int:
    """How many steps of lightly's side fit the minutes, by a trial that is kept."""
    kept = keep / f"lightly-{key}-trial.txt"
    if not kept.exists():
        trial = TheirRun(key, folder / "train", 0)
        trial.train(TRIAL)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(str(trial.seconds_a_step), "utf-8")
    return max(TRIAL, round(minutes * 60 / float(kept.read_text("utf-8"))))


def theirs(key: str, folder: Path, total: int, seed: int) -> tuple[float, float, Encoder]:
    """Epochs, images per second and the encoder, trained with lightly for so many steps."""
    run = TheirRun(key, folder / "train", seed)
    run.train(total)
    size = preset(key).schedule.batch_size
    encoder = Encoder(run.encoder.backbone, MEAN, STD).eval()
    return total / len(run.loader), size / run.seconds_a_step, encoder


def ours(
    key: str, folder: Path, keep: Path, epochs: int, settings: list[str], seed: int
) -> tuple[float, float, Encoder]:
    """The same of a run of ours."""
    run = keep / f"{key}-seed{seed}"
    long = [f"schedule.epochs={epochs}", f"run.evaluate_every={epochs}"]
    found = train(folder, run, ("--method", key), [*settings, *long])
    return epochs, found.speed, load_encoder(run)


def main() -> None:
    """Read the arguments, train both ways, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--unpacked", type=Path, help="where the archive is unpacked already")
    parser.add_argument("--keep", type=Path, required=True, help="folder for our run directories")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--trials", action="store_true", help="only time both sides")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(dir=arguments.keep.parent) as temporary:
        source = unpack(arguments.archive, arguments.unpacked or Path(temporary) / "cifar10")
        folder = Path(temporary) / "subset"
        subset(source, folder, "train", arguments.images, 0, "train")
        subset(source, folder, "test", 2000, 0, "test")
        if not arguments.trials:
            print("| method | by | epochs | images/s | kNN 20 | linear |\n" + "|---" * 6 + "|")
        for key in arguments.methods:
            compare(key, folder, arguments)


def compare(key: str, folder: Path, arguments: argparse.Namespace) -> None:
    """Train one method both ways and print its two rows."""
    keep, minutes, seed = arguments.keep, arguments.minutes, arguments.seed
    settings = [f"run.seed={seed}", "run.threads=1"]
    images = len(scan(folder).split(seed, 0).train)
    steps = their_steps(key, folder, keep, minutes)
    trial = keep / f"{key}-trial"
    epochs = epochs_in(minutes, folder, images, trial, ("--method", key), settings)
    if arguments.trials:
        print(f"{key}: {steps} steps of lightly's, {epochs} epochs of ours", flush=True)
        return
    for by, made in (
        ("lightly", theirs(key, folder, steps, seed)),
        ("ours", ours(key, folder, keep, epochs, settings, seed)),
    ):
        passes, speed, encoder = made
        near, top = scores(encoder, folder)
        row = f"| {key} | {by} | {passes:.0f} | {speed:.0f} | {near:.1%} | {top:.1%} |"
        print(row, flush=True)


if __name__ == "__main__":
    main()
