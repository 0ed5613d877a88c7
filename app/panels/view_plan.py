"""Edits of a view plan and how a step is put into words; no widget in here."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from app.forms.travel import Travel
from sslcore.config import ConfigError, Knob, knobs

if TYPE_CHECKING:
    from sslcore.augment.step import Step
    from sslcore.augment.view import Rendered, View, ViewPlan

HIDDEN = ("kind", "enabled")
"""Fields of a step that its row shows otherwise."""
STRONGEST = ("p", "fraction", "sd_high", "scale_low", "sigma_high")
"""The knob that says most about a step, in the order looked for."""

DRAWN = {"b": "brightness", "c": "contrast", "s": "saturation", "h": "hue"}
"""Letters of a colour jitter's numbers."""


def step_knobs(step: Step) -> tuple[Knob, ...]:
    """The knobs of a step, without its kind and its switch."""
    return _knobs_of(type(step))


@cache
def _knobs_of(kind: type[Step]) -> tuple[Knob, ...]:
    # Every move of a slider asks for these many times, and they never change.
    return tuple(one for one in knobs(kind) if one.name not in HIDDEN)


def turnable(step: Step) -> list[Knob]:
    """The knobs of a step that can be run through a range: numbers with bounds."""
    return [one for one in step_knobs(step) if one.kind in ("float", "int") and Travel.of(one)]


def sweep_values(step: Step, name: str, count: int) -> tuple[float, ...]:
    """Values of a knob from end to end of its slider, the one in force among them.

    Fewer than ``count`` where whole numbers or the step's other knobs leave fewer.
    """
    knob = next(one for one in turnable(step) if one.name == name)
    travel = Travel.of(knob)
    assert travel is not None  # turnable() says so
    values: list[float] = []
    for number in range(count):
        part = number / max(count - 1, 1)
        value = travel.value(round(part * travel.count))
        if not travel.log and not travel.whole:
            # The places of a slider are fine; here a person reads and compares.
            value = float(f"{travel.low + part * (travel.high - travel.low):.2g}")
            value = min(max(value, travel.low), travel.high)
        values.append(value)
    now = getattr(step, name)
    if now is not None:
        values[min(range(count), key=lambda one: abs(values[one] - now))] = now
    return tuple(value for value in dict.fromkeys(values) if _fits(step, name, value))


def strength(step: Step) -> Knob | None:
    """The knob a row gives a slider to, or None where there is nothing to turn."""
    found = {one.name: one for one in step_knobs(step) if one.kind == "float" and _bounded(one)}
    for name in STRONGEST:
        if name in found:
            return found[name]
    return next(iter(found.values()), None)


def caption(step: Step) -> str:
    """Ranges and values in one line: ``"probability 0.5 · blur 0.1–2 px"``."""
    parts: list[str] = []
    known = {one.name: one for one in step_knobs(step)}
    for name, one in known.items():
        value = getattr(step, name)
        stem, _, end = name.rpartition("_")
        unit = f" {one.unit}" if one.unit else ""
        word = one.title[:1].lower() + one.title[1:]
        if end == "low" and f"{stem}_high" in known:
            word = word.partition(" ")[2]  # "smallest area" and "largest area" share a line
            parts.append(f"{word} {number(value)}–{number(getattr(step, stem + '_high'))}{unit}")
        elif end == "high" and f"{stem}_low" in known:
            continue
        else:
            parts.append(f"{word} {number(value)}{unit}")
    return " · ".join(parts)


def number(value: Any) -> str:
    """A knob's value for a person, without digits that say nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def with_step(plan: ViewPlan, view: str, position: int, step: Step) -> ViewPlan:
    """The plan with one step replaced; all others keep their place and so their numbers."""
    changed = [
        one
        if one.name != view
        else one.changed(
            steps=tuple(step if n == position else old for n, old in enumerate(one.steps))
        )
        for one in plan.views
    ]
    return plan.changed(views=tuple(changed))


def only(plan: ViewPlan, name: str) -> ViewPlan:
    """The plan of one view and of those it goes on from; the numbers drawn stay the same."""
    wanted: set[str] = set()
    waiting: str | None = name
    while waiting is not None:
        wanted.add(waiting)
        waiting = plan.view(waiting).of
    return plan.changed(views=tuple(view for view in plan.views if view.name in wanted))


def with_knob(step: Step, name: str, value: float) -> Step:
    """The step with a knob turned; the other end of a range is pushed along, never crossed."""
    stem, _, end = name.rpartition("_")
    other = f"{stem}_{'high' if end == 'low' else 'low'}"
    values = {name: value}
    if end in ("low", "high") and other in type(step).model_fields:
        push = max if end == "low" else min
        values[other] = push(value, getattr(step, other))
    return step.changed(**values)


def view_title(view: View) -> str:
    """``view_a`` -> ``View A``, ``corrupted`` -> ``Corrupted``."""
    words = view.name.replace("_", " ").split()
    capital = [one.upper() if len(one) == 1 else one for one in words]
    joined = " ".join(capital)
    return joined[:1].upper() + joined[1:]


def view_phrase(view: View) -> str:
    """Inside a sentence: ``view A``, ``the corrupted view``."""
    title = view_title(view)
    words = title[:1].lower() + title[1:]
    return words if words.startswith("view") else f"the {words} view"


def drawn_numbers(rendered: Rendered, view: str, image: int) -> list[tuple[str, str]]:
    """(step, what was drawn) of the first picture of a view of one image."""
    count = next(iter(rendered.views.values())).shape[0]
    lines: list[tuple[str, str]] = []
    for traced in rendered.trace[view]:
        rows = next(iter(traced.params.values())).shape[0]
        row = image * (rows // count)
        lines.append(
            (traced.step.title, traced.step.describe(traced.params, row).replace(" -", " −"))
        )
    return lines


def spelt_out(words: str) -> str:
    """``b 1.21 h −0.04`` -> ``brightness 1.21 · hue −0.04``; other words stay as they are."""
    parts = words.split()
    letters, values = parts[::2], parts[1::2]
    if len(letters) != len(values) or not all(one in DRAWN for one in letters):
        return words
    pairs = zip(letters, values, strict=True)
    return " · ".join(f"{DRAWN[one]} {value}" for one, value in pairs)


def crop_boxes(
    rendered: Rendered, view: str, image: int
) -> list[tuple[float, float, float, float]]:
    """Boxes cut out of the original (top, left, height, width as shares of its sides)."""
    count = next(iter(rendered.views.values())).shape[0]
    for traced in rendered.trace[view]:
        box = getattr(traced.step, "box", None)
        if box is not None:
            each = next(iter(traced.params.values())).shape[0] // count
            return [box(traced.params, image * each + copy) for copy in range(each)]
    return []


def answers(rendered: Rendered, view: View, image: int, pictures: int) -> list[str]:
    """What a task asks of the pictures of a view: a text for each or for each draw, or one."""
    count = next(iter(rendered.views.values())).shape[0]
    lines: list[str] = []
    for traced in rendered.trace[view.name]:
        key = view.truth_key(traced.position)
        if key not in rendered.truth:
            continue
        rows = next(iter(traced.params.values())).shape[0]
        draws = rows // count
        words = traced.step.describe(traced.params, image * draws)
        if 1 < draws < pictures and pictures % draws == 0 and rendered.truth[key].ndim <= 4:
            first = image * draws
            return [traced.step.describe(traced.params, first + n) for n in range(draws)]
        for each in (words.split(", "), words.split()):
            if len(each) == pictures and pictures > 1:
                return each
        if rendered.truth[key].ndim > 4:  # a mask for every picture: nothing a line could say
            words = "which pixels were touched"
        if words not in lines:
            lines.append(words)
    return [f"Answer: {'; '.join(lines)}"] if lines else []


def _fits(step: Step, name: str, value: float) -> bool:
    try:
        with_knob(step, name, value)
    except ConfigError:
        return False
    return True


def _bounded(one: Knob) -> bool:
    return one.low is not None and one.high is not None
