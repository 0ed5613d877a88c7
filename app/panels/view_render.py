"""Rendering of previews: the recipe's own view plan on chosen images, on a worker."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QImage

from app.panels import view_plan

if TYPE_CHECKING:
    from sslcore.augment.view import ViewPlan
    from sslcore.batch import Sample

log = logging.getLogger(__name__)
STRIP = 8


@dataclass(frozen=True)
class Sweep:
    """One knob of one step of a view, run through its range."""

    view: str
    position: int
    knob: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Wish:
    """Everything a preview depends on.

    Attributes:
        plan: the views.
        seed: of the draws, for all chosen images together.
        image: which of the chosen images is looked at.
        view: whose draws fill the strip.
        sweep: what the strip runs through; None for further draws.
        deep: whether the images have more than 8 bits, of which files rarely use all: pictures are
            shown brighter, all as the image needs it, and stay as they are for training.
    """

    plan: ViewPlan
    seed: int
    image: int
    view: str
    sweep: Sweep | None = None
    deep: bool = False


@dataclass(frozen=True)
class Seen:
    """One view of the image that is looked at.

    Attributes:
        name: of the view.
        title: of the view, for a person.
        pictures: one per copy, rotation or tile.
        numbers: (step, what was drawn).
        boxes: cut out of the original: top, left, height, width as shares.
        answers: of the pretext task: one for every picture or every draw, or one sentence.
        together: how many pictures in a row come from one draw.
        pixels: (V, C, h, w) tensor of the pictures, for an encoder.
    """

    name: str
    title: str
    pictures: tuple[QImage, ...]
    numbers: tuple[tuple[str, str], ...]
    boxes: tuple[tuple[float, float, float, float], ...]
    answers: tuple[str, ...]
    together: int = 1
    pixels: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Preview:
    """What a worker brings back.

    Attributes:
        wish: what was asked for.
        original: the image as it is.
        views: every view of it.
        strip: small pictures.
        strip_words: below them, where there are any.
        strip_values: of the knob that was run through its range; one that no view can be made
            with is left out.
        pixels: (C, H, W) tensor of the original.
    """

    wish: Wish
    original: QImage
    views: tuple[Seen, ...]
    strip: tuple[QImage, ...]
    strip_words: tuple[str, ...]
    strip_values: tuple[float, ...] = ()
    pixels: Any = field(default=None, compare=False, repr=False)


def picture_of(tensor: Any, reach: tuple[float, float] = (0.0, 1.0)) -> QImage:
    """A (C, H, W) tensor in [0, 1] as a picture; more than three channels show the first three.

    Args:
        tensor: of an image.
        reach: values that are shown black and white.
    """
    channels = tensor.shape[0]
    shown = tensor[:3] if channels >= 3 else tensor[:1].expand(3, -1, -1)
    if reach != (0.0, 1.0):
        shown = ((shown - reach[0]) / (reach[1] - reach[0])).clamp(0.0, 1.0)
    pixels = shown.mul(255).round().byte().permute(1, 2, 0).contiguous().numpy()
    height, width = pixels.shape[:2]
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def render(wish: Wish, sample: Sample) -> Preview:
    """Views of the image that is looked at, and the strip.

    Args:
        wish: what to show.
        sample: the chosen images, as stored for training.

    Raises:
        ValueError: where a step cannot work on these images.
    """
    torch: Any = importlib.import_module("torch")
    plan, image = wish.plan, wish.image
    with torch.no_grad():
        size = (sample.image.shape[-2], sample.image.shape[-1])
        # Numbers are drawn for all chosen images, as in training, but only one is looked at.
        drawn = plan.draw(wish.seed, len(sample), size).rows(image, image + 1)
        rendered = plan.render(_rows(sample, [image]), drawn)
        reach = _reach(sample.image[image]) if wish.deep else (0.0, 1.0)
        views: list[Seen] = []
        for view in plan.views:
            stack = rendered.views[view.name][0]
            pictures = tuple(picture_of(one, reach) for one in stack)
            views.append(
                Seen(
                    view.name,
                    view_plan.view_title(view),
                    pictures,
                    tuple(view_plan.drawn_numbers(rendered, view.name, 0)),
                    tuple(view_plan.crop_boxes(rendered, view.name, 0)),
                    tuple(view_plan.answers(rendered, view, 0, len(pictures))),
                    view.count // view.copies,
                    stack,
                )
            )
        if wish.sweep is None:
            strip, values = _further(wish, sample, size, reach), ()
        else:
            strip, values = _swept(wish, wish.sweep, sample, size, reach)
    words = tuple(view_plan.number(value) for value in values)
    pixels = sample.image[image]
    return Preview(wish, picture_of(pixels, reach), tuple(views), strip, words, values, pixels)


def _reach(image: Any) -> tuple[float, float]:
    """Between which values 98 % of those shown of a (C, H, W) image lie."""
    shown = (image[:3] if len(image) >= 3 else image[:1]).flatten()
    low, high = shown.quantile(shown.new_tensor([0.01, 0.99])).tolist()
    return (low, high) if high > low else (0.0, 1.0)


def _further(
    wish: Wish, sample: Sample, size: tuple[int, int], reach: tuple[float, float]
) -> tuple[QImage, ...]:
    one = _rows(sample, [wish.image] * STRIP)
    # Another seed than the one above: these are further draws, not the same again.
    plan = view_plan.only(wish.plan, wish.view)
    drawn = plan.draw(wish.seed + 1_000_003, STRIP, size)
    stack = plan.render(one, drawn).views[wish.view]
    return tuple(picture_of(row[0], reach) for row in stack)


def _swept(
    wish: Wish,
    sweep: Sweep,
    sample: Sample,
    size: tuple[int, int],
    reach: tuple[float, float],
) -> tuple[tuple[QImage, ...], tuple[float, ...]]:
    """The picture shown above, with one knob at every value and all else as drawn."""
    alone = _rows(sample, [wish.image])
    pictures: dict[float, QImage] = {}
    for value in sweep.values:
        step = wish.plan.view(sweep.view).steps[sweep.position]
        turned = view_plan.with_knob(step.changed(enabled=True), sweep.knob, value)
        plan = view_plan.with_step(wish.plan, sweep.view, sweep.position, turned)
        plan = view_plan.only(plan, wish.view)
        try:
            drawn = plan.draw(wish.seed, len(sample), size).rows(wish.image, wish.image + 1)
            stack = plan.render(alone, drawn).views[wish.view]
        except ValueError as error:
            # Bounds of a knob know nothing of the image: nine tiles a side do not fit into 16 px.
            log.debug("%s = %s cannot be shown: %s", sweep.knob, value, error)
            continue
        pictures[value] = picture_of(stack[0, 0], reach)
    return tuple(pictures.values()), tuple(pictures)


def _rows(sample: Sample, rows: Sequence[int]) -> Sample:
    """Chosen rows of a sample, repeated as asked."""
    torch: Any = importlib.import_module("torch")
    index = torch.tensor(list(rows))
    cut = {
        name: None if value is None else value[index]
        for name, value in (
            ("frames", sample.frames),
            ("target", sample.target),
            ("tokens", sample.tokens),
        )
    }
    return type(sample)(index=sample.index[index], image=sample.image[index], **cut)
