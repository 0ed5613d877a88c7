"""The model card: what a stranger must know of an encoder before using it, in Markdown.

Mitchell et al. 2019, "Model Cards for Model Reporting", https://arxiv.org/abs/1810.03993.
"""

from __future__ import annotations

import textwrap

from sslcore.export import scores
from sslcore.export.source import Source
from sslcore.runs.health import verdict

NAME = "README.md"
_WIDTH = 100
_TROUBLE = ("collapsing", "stuck", "diverging")


def written(
    source: Source, title: str, main: str, usage: str = "", difference: float | None = None
) -> str:
    """The card.

    Args:
        source: the run.
        title: of the format it lies beside.
        main: name of the file to load, or "".
        usage: lines of Python that load it and make ``features`` of ``images``.
        difference: largest difference of a feature that was measured, or None.
    """
    parts = [
        _head(source),
        _load(title, main, usage, difference),
        _input(source),
        _data(source),
        _training(source),
        _scores(source),
        _limits(source),
        _licence(),
    ]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _head(source: Source) -> str:
    card = source.card
    channels = source.encoder.channels
    kind = {1: "grey images", 3: "colour images"}.get(channels, f"images of {channels} channels")
    about = (
        f"{source.backbone} with {source.weights:,} weights. It turns {kind} of {source.size} x "
        f"{source.size} pixels into vectors of {source.encoder.dimensions} numbers. It was trained "
        f"by {card.title} ({card.family}, {card.year}, <{card.paper}>), which is self-supervised: "
        "no class label was used."
    )
    return (
        "---\n"
        "license:  # yours to choose, see the last section\n"
        "library_name: pytorch\n"
        f"tags: [self-supervised-learning, {source.opened.recipe.method.key}]\n"
        "---\n\n"
        f"# {source.name}\n\n{_wrapped(about)}\n"
    )


def _load(title: str, main: str, usage: str, difference: float | None) -> str:
    text = f"## How to load it\n\nFormat: {title}"
    text += f", in `{main}`.\n" if main else ".\n"
    if usage:
        text += f"\n```python\n{usage.rstrip()}\n```\n"
    if difference is not None:
        text += "\n" + _wrapped(
            "When it was written, its features of five images were compared with the trained "
            f"encoder's: the largest difference was {difference:.1g} (relative to the largest "
            "feature, where that is above 1)."
        )
    return text


def _input(source: Source) -> str:
    mean = ", ".join(f"{one:.4f}" for one in source.encoder.mean.flatten().tolist())
    std = ", ".join(f"{one:.4f}" for one in source.encoder.std.flatten().tolist())
    text = (
        f"(B, {source.encoder.channels}, {source.size}, {source.size}) float32, values from 0 to "
        "1: whole numbers of 8 bits are divided by 255, larger ones by 65535. Unless the lines "
        "above say otherwise, normalisation is part of the encoder: do not normalise twice."
    )
    return f"## Input\n\n{_wrapped(text)}\n\n- mean per channel: {mean}\n- deviation: {std}\n"


def _data(source: Source) -> str:
    record, facts = source.record, source.facts
    lines = [
        f"- {facts.count:,} training images of {source.size} x {source.size} pixels, "
        f"{facts.channels} channel(s)"
    ]
    if record.started is not None:
        lines.append(f"- {record.started.held_out:,} further images held out from training")
        names = record.started.classes
        shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
        lines.append(
            f"- {len(names)} classes, used for measuring only: {shown}"
            if names
            else "- no class labels"
        )
    lines.append(f"- kinds of data: {', '.join(facts.kinds)}")
    return "## Data\n\n" + "\n".join(_wrapped(line, "  ") for line in lines) + "\n"


def _training(source: Source) -> str:
    record = source.record
    text = f"{source.step:,} optimiser steps ({source.opened.epoch:.1f} epochs)"
    if record.started is not None:
        text += f" on {record.started.device} in {record.started.precision}"
        facts = record.started.environment
        if facts:
            text += "; " + ", ".join(f"{name} {value}" for name, value in facts.items())
    recipe = source.recipe.to_toml().strip()
    return f"## Training\n\n{_wrapped(text + '. The recipe:')}\n\n```toml\n{recipe}\n```\n"


def _scores(source: Source) -> str:
    logged = scores.of_log(source.record, source.step)
    measured = scores.of_findings(source.findings)
    if not logged and not measured:
        return "## Scores\n\nNothing was measured.\n"
    text = "## Scores\n"
    if logged:
        text += "\nMeasured while it trained, on a sample of images:\n\n"
        text += "| measure | this encoder | untrained | at step |\n|---|---|---|---|\n"
        text += "".join(
            f"| {one.title} | {one.value} | {one.untrained or '-'} | {one.step:,} |\n"
            for one in logged
        )
    for one in measured:
        body = "\n".join(one.lines)
        text += f"\n{one.title} (step {one.step:,}):\n\n```text\n{body}\n```\n"
    return text


def _limits(source: Source) -> str:
    lines = [
        "It knows images like those it was trained on. On other images its features may be no "
        "better than those of an untrained network: measure before you rely on them.",
        f"It expects {source.size} x {source.size} pixels; other sizes change what it computes.",
        "Self-supervised features keep whatever the augmentations left: they may follow light, "
        "background or camera rather than what you care about.",
        "It was not examined for bias between groups of people.",
    ]
    judged = verdict(source.record)
    if judged.level in _TROUBLE:
        lines.insert(0, f"The workbench judged this run: {judged.headline}. {judged.detail}")
    return "## Limits\n\n" + "\n".join(_wrapped(f"- {line}", "  ") for line in lines) + "\n"


def _licence() -> str:
    text = (
        "None is given here: whoever publishes these weights names one, and minds the rights in "
        "the images they were learned from."
    )
    return f"## Licence\n\n{_wrapped(text)}\n"
