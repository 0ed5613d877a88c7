"""Images that match a sentence: looked for with a checkpoint that reads words, on a worker."""

from __future__ import annotations

import importlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.panels.explore_search import Found, Hit, Wish, figure
from app.wording import count

if TYPE_CHECKING:
    from app.core import Core
    from app.panels.explore_layouts import Space
    from app.panels.explore_probe import Probe
    from app.tasks import Ticket
    from sslcore.assessment.sentences import SearchAt
    from sslcore.evaluation.sentences import SentenceAnswer
    from sslcore.events import CheckpointSaved

KEPT = 2
"""Checkpoints whose images stay embedded: the shown one, and the one before it."""
NO_CHECKPOINT = (
    "this run has no checkpoint yet, so nothing can read the sentence; let it come to its first "
    "one, then try again"
)


def reads_sentences(core: Core | None, probe: Probe | None) -> bool:
    """Whether the method behind a map learned from captions and can read a sentence."""
    if core is None or probe is None or probe.recipe is None:
        return False
    method: Any = core.method.find(probe.recipe.method.key)
    return issubclass(method, core.method.EmbedsSentences)


def example(probe: Probe | None) -> str:
    """A caption of the images behind a map, "" where none is known: how to speak to this run."""
    captions = None if probe is None or probe.catalogue is None else probe.catalogue.captions
    if captions is None or probe is None:
        return ""
    return next((captions[row] for row in probe.index.tolist() if captions[row]), "")


class SentenceSearches:
    """Answers sentences; what a checkpoint makes of the images is kept, so the next is quick."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Path, int], SearchAt] = OrderedDict()

    def find(
        self,
        wish: Wish,
        space: Space,
        probe: Probe,
        checkpoints: Sequence[CheckpointSaved],
        cache: Path,
        ticket: Ticket,
    ) -> Found:
        """Find the images nearest to a sentence.

        The checkpoint is that of the map's step where it is still there, else the newest.

        Args:
            wish: the sentence, and how many images.
            space: the images, and their features on the map.
            probe: the same images; reads them where features of another step are needed.
            checkpoints: of the run, oldest first.
            cache: where decoded images lie.
            ticket: told of progress, asked whether to go on.

        Raises:
            ValueError: with a sentence for a person, if it cannot be searched for.
            Cancelled: if the ticket says so.
        """
        if not checkpoints:
            raise ValueError(NO_CHECKPOINT)
        with self._lock:
            at = self._open(space, probe, checkpoints, cache, ticket)
        answer = at.search.ask(wish.text, int(wish.number))
        hits = tuple(
            Hit(int(row), figure(float(cosine)))
            for row, cosine in zip(answer.rows, answer.cosines, strict=True)
        )
        return Found(wish, space, _said(answer, at), (("", hits),), (at.step, at.epoch))

    def forget(self) -> None:
        """Another run: give the memory back."""
        self._kept = OrderedDict()

    def _open(
        self,
        space: Space,
        probe: Probe,
        checkpoints: Sequence[CheckpointSaved],
        cache: Path,
        ticket: Ticket,
    ) -> SearchAt:
        """The search in what the best checkpoint there is makes of the images."""
        run, kept = Path(space.run), self._kept
        missing: Any = importlib.import_module("sslcore.engine.store").CheckpointError
        wanted = [one for one in checkpoints if one.step == space.step]
        for saved in (*wanted[-1:], checkpoints[-1]):
            known = kept.get((run, saved.step))
            if known is None or not np.array_equal(known.rows, space.index):
                try:
                    known = _load(run, saved.path, space, probe, cache, ticket)
                except missing:
                    if saved is checkpoints[-1]:
                        raise
                    continue  # older checkpoints are removed as training goes on
            kept[run, saved.step] = known
            kept.move_to_end((run, saved.step))
            while len(kept) > KEPT:
                kept.popitem(last=False)
            return known
        raise AssertionError("the newest checkpoint either opens or raises")


def _load(
    run: Path, which: str, space: Space, probe: Probe, cache: Path, ticket: Ticket
) -> SearchAt:
    module: Any = importlib.import_module("sslcore.assessment.sentences")
    directory: Any = importlib.import_module("sslcore.runs.directory").RunDirectory
    moment: Any = importlib.import_module("sslcore.assessment.moments").Moment
    watch: Any = importlib.import_module("sslcore.assessment.watch").Watch

    def told(_: str, done: int, total: int) -> None:
        ticket.progress(done, total)

    found: SearchAt = module.search_at(
        directory.open(run),
        which,
        moment(space.step, space.epoch, space.index, space.features),
        probe.catalogue,
        cache,
        watch(told, ticket.cancelled),
    )
    return found


def _said(answer: SentenceAnswer, at: SearchAt) -> str:
    """What was found, and what of the sentence was not understood."""
    shown, every = len(answer.rows), len(at.rows)
    first, middle = figure(float(answer.cosines[0]), 2), figure(answer.middle, 2)
    nearest = (
        f"The nearest {shown:,} of {count(every, 'image')}"
        if shown < every
        else f"{count(every, 'image')}, the nearest first"
    )
    said = [f"{nearest}: cosine {first} for the first, {middle} for the middle one."]
    unknown = ", ".join(answer.unknown)
    if not answer.known:
        said.append(
            f"None of its words ({unknown}) was learned from the training captions, so this order "
            "tells nothing."
        )
    elif answer.unknown:
        said.append(f"Not learned from the training captions, so read as unknown: {unknown}.")
    if answer.unread:
        last = count(answer.unread, "word was", "words were")
        said.append(f"Its last {last} not read: captions were cut there, too.")
    return " ".join(said)
