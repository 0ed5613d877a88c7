"""The sections of a recipe but for the view plan: their fields, bounds and words of help."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import BaseModel, SerializeAsAny, model_serializer, model_validator

from sslcore.config import Config, knob
from sslcore.data import exclusion
from sslcore.data.catalogue import Catalogue
from sslcore.data.kinds import Kind
from sslcore.data.reading import Channels, Reading
from sslcore.data.source import Window
from sslcore.data.split import Split
from sslcore.method import find


class DataSection(Config):
    """Which images, at what size, and what is kept away for evaluation."""

    folder: str = knob("", help="Folder of images, or a CSV file with a column 'path'.")
    image_size: int = knob(
        32, low=8, high=1024, unit="px", help="Side of a training view; larger is slower."
    )
    labels: str = knob(
        "auto",
        help="Where class names come from, for evaluation only: 'auto' (sub-folders, or a CSV "
        "column 'label'), 'none', or the name of a CSV column.",
    )
    split_seed: int = knob(0, low=0, help="Seed of the held-out split; keep it to compare runs.")
    held_out: float = knob(
        0.15,
        low=0.0,
        high=0.9,
        help="Part of the images that never enters training and answers kNN queries. Ignored "
        "where the folder has its own train and test folders (but see held_out_from).",
    )
    held_out_from: Literal["auto", "train"] = knob(
        "auto",
        help="'auto' holds out the folder's own test (or val) images; 'train' does not look at "
        "them and holds out a part of the training images: for tuning.",
    )
    limit: int | None = knob(
        None, low=2, help="Use at most this many training images (seeded, stratified)."
    )
    excluded: str = knob(
        "",
        help="Text file of images that never enter training, one path per line relative to the "
        "folder. Those among the held-out images go on answering questions.",
    )
    cache_gigabytes: float = knob(
        4.0, low=0.0, high=1024.0, unit="GB", help="Budget of the pixel cache; beyond it, stream."
    )
    groups: str = knob(
        "auto",
        help="Images that stay together when a part is held out, such as those of one patient: "
        "'auto' (CSV column 'group'), 'none', or the name of a CSV column.",
    )
    captions: str = knob(
        "auto",
        help="Where captions come from: 'auto' (CSV column 'caption' or 'text', else a text file "
        "beside each image), 'none', or the name of a CSV column.",
    )
    channels: Channels = knob(
        "auto",
        help="'auto' reads pictures as grey or colour, with transparency laid on white, and only "
        "files that are neither (more than four bands) as they are; 'native' reads every file with "
        "all its channels: grey 1, with transparency 2 or 4, pages of a TIFF file as bands.",
    )
    kind: Kind = knob(
        "auto",
        help="What the folder holds: 'auto' finds out; 'sequences' (numbered frames, videos), "
        "'pairs' (rgb/ beside depth/) or 'captions' asks for it; 'images' looks for nothing else.",
    )
    target: str = knob(
        "auto",
        help="Pairs: name of the folder with what is to be predicted, such as 'depth', 'labels' "
        "or 'hha'. 'auto' takes the first of these.",
    )
    frames: int = knob(
        5, low=2, high=64, unit="frames", help="Sequences: frames of one sample, in order."
    )
    frame_step: int = knob(
        1,
        low=1,
        high=1000,
        help="Sequences: 2 takes every other frame, so that more happens between them.",
    )
    vocabulary: int = knob(
        4096,
        low=1,
        high=1_000_000,
        unit="words",
        log=True,
        help="Captions: the most frequent words that get a number of their own.",
    )
    caption_words: int = knob(
        32, low=1, high=256, unit="words", help="Captions: longer ones are cut."
    )

    def split(self, catalogue: Catalogue) -> Split:
        """The images trained on and those held out, as this section asks for them.

        What is excluded leaves all other images where they would be without it.

        Raises:
            ValueError: if the folder has no such split, or not enough images for it, or the list
                of excluded images cannot be read.
        """
        split = catalogue.split(self.split_seed, self.held_out, self.limit, self.held_out_from)
        return split.without(self.exclusion(catalogue).rows) if self.excluded else split

    def exclusion(self, catalogue: Catalogue) -> exclusion.Exclusion:
        """What the list of excluded images means here (ConfigError if it cannot be read)."""
        listed = exclusion.read(Path(self.excluded)) if self.excluded else ()
        return exclusion.match(catalogue.paths, listed)

    @property
    def reading(self) -> Reading:
        """How the folder is read."""
        return Reading(
            self.labels, self.kind, self.target, self.groups, self.captions, self.channels
        )

    @property
    def window(self) -> Window:
        """Which frames make a sample of a sequence."""
        return Window(self.frames, self.frame_step)


class MethodSection(Config):
    """Key and settings of the method, one flat TOML table."""

    key: str = "barlow_twins"
    config: SerializeAsAny[Config]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        given = dict(cast("Mapping[str, Any]", values))
        key = str(given.pop("key", "barlow_twins"))
        config: Any = given.pop("config", None)
        card = find(key).card
        if isinstance(config, BaseModel) and not given:
            return {"key": key, "config": card.config.parse(dict(config), "method")}
        given = {**cast("dict[str, Any]", config or {}), **given}
        return {"key": key, "config": card.config.parse(given, "method")}

    @model_serializer
    def _write(self) -> dict[str, Any]:
        return {"key": self.key, **self.config.model_dump()}


class BackboneSection(Config):
    """The network that becomes the encoder."""

    name: str = knob("resnet_small", help="Which network; see `sslcore.nets.backbones`.")
    width: int = knob(32, low=4, high=512, help="Channels of the first stage of small networks.")


class OptimiserSection(Config):
    """How weights are moved."""

    kind: Literal["sgd", "adamw", "lars"] = knob("sgd", help="Update rule.")
    learning_rate: float = knob(
        0.06, low=0.0, high=100.0, log=True, help="Peak learning rate for this batch size."
    )
    weight_decay: float = knob(
        5e-4, low=0.0, high=10.0, log=True, help="Pull towards zero, not of biases and norms."
    )
    weight_decay_end: float | None = knob(
        None, low=0.0, high=10.0, help="If set, weight decay moves to this value on a cosine."
    )
    momentum: float = knob(
        0.9, low=0.0, high=0.9999, help="Of SGD and LARS; the first beta of AdamW."
    )
    second_momentum: float = knob(0.999, low=0.0, high=0.99999, help="The second beta of AdamW.")
    nesterov: bool = knob(False, help="Nesterov's form of momentum, SGD only.")
    trust_coefficient: float = knob(
        0.001, low=1e-6, high=1.0, log=True, help="LARS: step relative to the weight's norm."
    )
    gradient_clip: float | None = knob(
        None, low=0.0, high=1e6, help="Largest norm of the gradient; empty for no limit."
    )


class ScheduleSection(Config):
    """How long, and how the learning rate moves."""

    epochs: int = knob(50, low=1, high=100_000, unit="epochs", help="Passes over the images.")
    batch_size: int = knob(128, low=1, high=65536, unit="images", help="Images per step.")
    accumulate: int = knob(
        1, low=1, high=1024, help="Micro-batches per step: the same result with less memory."
    )
    warmup_epochs: float = knob(
        0.0, low=0.0, high=1000.0, unit="epochs", help="Rise from zero to the peak rate."
    )
    decay: Literal["cosine", "step", "constant"] = knob("cosine", help="Shape after warm-up.")
    milestones: tuple[float, ...] = knob(
        (0.6, 0.8), help="'step': parts of the run after which the rate falls."
    )
    decay_factor: float = knob(0.2, low=0.0, high=1.0, help="'step': factor at each milestone.")
    final_factor: float = knob(
        0.0, low=0.0, high=1.0, help="'cosine': last rate relative to the peak."
    )


class RunSection(Config):
    """Seed, machine and how often the run reports."""

    seed: int = knob(0, low=0, help="Of weights, order and every augmentation.")
    device: str = knob("auto", help="'auto', 'cpu', 'cuda', 'cuda:1' or 'mps'.")
    precision: Literal["auto", "float32", "bfloat16", "float16"] = knob(
        "auto", help="'auto' is mixed precision where the device does it well."
    )
    threads: int = knob(0, low=0, high=1024, help="CPU threads of training; 0 is cores - 1.")
    snapshot_every: int = knob(
        50, low=1, high=1_000_000, unit="steps", help="Steps between two sets of diagnostics."
    )
    evaluate_every: float = knob(
        1.0, low=0.01, high=10_000, unit="epochs", help="Epochs between two evaluations."
    )
    checkpoint_every: float = knob(
        1.0, low=0.01, high=10_000, unit="epochs", help="Epochs between two checkpoints."
    )
    keep_checkpoints: int = knob(2, low=1, high=10_000, help="Older checkpoints are removed.")
    probe_images: int = knob(
        2000, low=2, high=20_000, unit="images", help="Images that are embedded at evaluations."
    )
    embed_every: int | None = knob(
        None, low=0, high=1_000_000, unit="snapshots",
        help="Snapshots between two sets of features that are kept for the map's timeline; 0 for "
        "evaluations only, empty for as often as costs little.",
    )  # fmt: skip
    online_probe: bool = knob(True, help="Read labels off the features while they are trained.")
