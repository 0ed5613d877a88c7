"""What cues and read-outs mean for a run, in words: which shortcut its pretext task leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sslcore.evaluation.cues import Cue
from sslcore.evaluation.nuisances import Nuisance
from sslcore.evaluation.readout import Reading

Level = Literal["open", "partly", "closed"]
Task = Literal["views", "patches", "context", "rotation", "transforms", "captions", "other"]

OPEN, PARTLY = 0.5, 0.15
"""From which part of the way between chance and always right a shortcut is open, or partly so."""

LEARNED = 0.1
"""How much better (R2 or accuracy) than untrained features trained ones must read a nuisance."""


@dataclass(frozen=True)
class Pretext:
    """What is asked of a network while it trains, as far as shortcuts are concerned.

    Attributes:
        method: its title.
        task: "views" finds the other view of an image among those of others or makes both alike,
            "patches" puts pieces of an image in their place, "context" finds a patch among those of
            other images by what lies about it, "rotation" tells a quarter turn, "transforms" tells
            which changes were made to a picture, "captions" finds the sentence that belongs to it.
        colour_changed: whether steps that change colours (jitter, grey) are on in any view.
        gap: room between neighbouring patches, as a share of a patch's side.
    """

    method: str
    task: Task
    colour_changed: bool = False
    gap: float = 0.0


@dataclass(frozen=True)
class Warned:
    """One sentence or two about a shortcut.

    Attributes:
        level: how far it is open.
        text: for a person, with a remedy where it is.
    """

    level: Level
    text: str


def warnings(pretext: Pretext, cues: Sequence[Cue]) -> tuple[Warned, ...]:
    """What each cue means for the pretext task, the widest shortcut first."""
    ordered = sorted(cues, key=lambda cue: -cue.solved)
    return tuple(Warned(level(cue), _sentence(pretext, cue)) for cue in ordered)


def level(cue: Cue) -> Level:
    """How far a shortcut is open."""
    if cue.solved >= OPEN:
        return "open"
    return "partly" if cue.solved >= PARTLY else "closed"


def taken(
    nuisances: Sequence[Nuisance],
    trained: Mapping[str, Reading],
    untrained: Mapping[str, Reading],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Titles of nuisances that training made easier to read, and of those it made harder.

    Classes are no nuisance and are left out.
    """
    gained: list[tuple[float, str]] = []
    lost: list[tuple[float, str]] = []
    for one in nuisances:
        if one.source == "class" or one.key not in trained or one.key not in untrained:
            continue
        # Below 0 a regression is worse than none, by how much says nothing.
        more = max(trained[one.key].score, 0.0) - max(untrained[one.key].score, 0.0)
        if abs(more) >= LEARNED:
            (gained if more > 0 else lost).append((-abs(more), one.title))
    return tuple(name for _, name in sorted(gained)), tuple(name for _, name in sorted(lost))


def _sentence(pretext: Pretext, cue: Cue) -> str:
    title = f"{cue.title[:1].upper()}{cue.title[1:]}"
    found = (
        f"{title} alone {cue.task} in {_part(cue.score)} of the cases "
        f"(guessing: {_part(cue.chance)})."
    )
    if level(cue) == "closed":
        return f"{found} No shortcut here."
    wide = "solves much of" if level(cue) == "open" else "helps with"
    return f"{found} That {wide} {pretext.method}'s task without seeing what an image shows. " + (
        _remedy(pretext, cue)
    )


def _part(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.0095 else f"{100 * share:.1f} %"


def _remedy(pretext: Pretext, cue: Cue) -> str:
    if cue.key == "histogram" and pretext.task == "context":
        return "Drop or change the colours of each patch (colour = 'drop')."
    if cue.key == "histogram":
        if pretext.colour_changed:
            return "Turn colour jitter and grey up in Views."
        return "Switch colour jitter and grey on in Views."
    if cue.key == "composition":
        return "Crop tighter in Views (a lower smallest area), and mirror."
    if cue.key == "sharpness":
        return "Switch blur on in Views, or draw it from a wider range."
    if cue.key == "caption":
        return (
            "The captions speak of colours. If they are not what the features should tell, turn "
            "colour jitter on in Views, or let captions say more."
        )
    if cue.key.startswith("look/"):
        return f"Leave {cue.key.removeprefix('look/')} out of what is asked for, in Method."
    if cue.key == "borders":
        if pretext.gap > 0:
            return (
                f"Leave more room between patches than the {_part(pretext.gap)} of a side there is."
            )
        return "Leave room between patches: set the gap above 0."
    if cue.key == "aberration":
        return "Drop colours (colour = 'drop') or project them, or train on grey images."
    if cue.key == "mean_colour":
        return (
            "Drop colours or standardise every patch; where the sky is always above, that is in "
            "the pictures themselves."
        )
    return (
        "Look for dark borders, watermarks and light from above, and crop tighter; where the sky "
        "is always above, that is in the pictures themselves."
    )
