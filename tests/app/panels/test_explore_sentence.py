"""A sentence typed in Explore: from the keys to the images, with a real run of CLIP."""

import shutil

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt

from app.panels.explore import ExplorePanel
from app.panels.explore_find import FindCard
from app.panels.explore_layouts import Layouts, Space
from app.panels.explore_probe import Probe
from app.panels.explore_search import Wish
from app.panels.explore_sentence import SentenceSearches, example, reads_sentences
from app.panels.explore_wish import KINDS, SENTENCE
from app.tasks import Ticket
from sslcore.assessment.trained import open_trained
from sslcore.data.pixel_store import PixelStore
from sslcore.data.pool import Cancelled
from sslcore.evaluation.features import extract
from tests.app.panels import captioned, trained
from tests.app.panels.projecting import Server
from tests.app.panels.reachable import unnamed

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("captioned")


@pytest.fixture
def run(loaded, place, qtbot, tmp_path):
    """A workspace with a run of CLIP and its captioned pictures open; checkpoints at 4, 8, 12."""
    trained.open_run(qtbot, loaded, captioned.run(place, tmp_path / "run"))
    return loaded


@pytest.fixture
def card(run, qtbot):
    made = FindCard(run)
    qtbot.addWidget(made)
    made.resize(372, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made
    qtbot.waitUntil(lambda: not run.tasks.running(), timeout=20_000)


def space_at(run, step):
    kept = run.directory.kept(step)
    return Space(str(run.directory.path), step, step / 4, kept.rows, kept.features, kept.paths)


def give(card, run, step):
    space = space_at(run, step)
    card.set_space(space, Probe(space.index, run.catalogue, run.directory.recipe(), space.paths))
    return space


def choose(card, qtbot, kind=SENTENCE):
    card.form.kind.setFocus()
    qtbot.keyClick(card.form.kind, Qt.Key.Key_Home)
    while card.form.kind.currentText() != kind:
        qtbot.keyClick(card.form.kind, Qt.Key.Key_Down)


def enter(card, qtbot, words):
    """Click into the field, type over what it holds, press Return, wait for the answer."""
    line = card.form.sentence
    qtbot.mouseClick(line, LEFT)
    qtbot.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClicks(line, words)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(card.start.isVisible, timeout=20_000)


def cosines(run, rows, words, step=12):
    """(N,) of the sentence with images read anew, by the checkpoint of a step, plainly."""
    method = open_trained(run.directory, f"step_{step:08d}").method
    with torch.no_grad(), PixelStore.open(run.catalogue, 16, budget_bytes=0) as pixels:
        features = extract(method.encoder(), pixels, rows, image_size=16)
        images = features @ method.image_head.weight.numpy().T
        text = method.embed_sentences([words])[0].numpy()
    return images @ text / np.linalg.norm(images, axis=1)


def test_a_sentence_typed_and_entered_shows_the_images_nearest_to_it(card, run, qtbot):
    space = give(card, run, 12)
    choose(card, qtbot)
    assert card.form.sentence.isVisible()
    assert card.form.sentence.placeholderText().startswith("Such as: a ")
    assert not unnamed(card)
    card.form.images.setFocus()
    qtbot.keyClick(card.form.images, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(card.form.images, "9")
    enter(card, qtbot, "a large red star on a plain ground")
    expected = cosines(run, space.index, "a large red star on a plain ground")
    order = np.argsort(-expected, kind="stable")[:9]
    assert card.grid.rows.tolist() == space.index[order].tolist()
    assert card.grid._captions[0] == f"{expected[order[0]]:.3f}".replace("-", "−")
    assert card.words.text().startswith(f"The nearest 9 of {len(space.index)} images: cosine ")
    assert "unknown" not in card.words.text()
    assert not card.stale.isVisible()
    assert card.form.sentence.hasFocus()


def test_the_button_asks_too_and_what_was_found_can_be_chosen(card, run, qtbot):
    space = give(card, run, 12)
    choose(card, qtbot)
    qtbot.mouseClick(card.form.sentence, LEFT)
    qtbot.keyClicks(card.form.sentence, "star")
    qtbot.mouseClick(card.start, LEFT)
    qtbot.waitUntil(card.start.isVisible, timeout=20_000)
    assert sorted(card.grid.rows.tolist()) == sorted(space.index.tolist())
    assert card.words.text().startswith(f"{len(space.index)} images, the nearest first: ")
    qtbot.mouseClick(card.grid.viewport(), LEFT, pos=card.grid.cell(1).center())
    assert run.selection.rows.tolist() == [card.grid.rows[1]]
    qtbot.mouseClick(card.every, LEFT)
    assert len(run.selection) == len(space.index)


def test_words_the_captions_did_not_have_are_named(card, run, qtbot):
    give(card, run, 12)
    choose(card, qtbot)
    enter(card, qtbot, "a Zebra on a red unicycle")
    assert card.words.text().endswith(
        "Not learned from the training captions, so read as unknown: zebra, unicycle."
    )
    enter(card, qtbot, "zebra zebra")
    assert card.words.text().endswith(
        "None of its words (zebra) was learned from the training captions, so this order tells "
        "nothing."
    )
    enter(card, qtbot, "star " * 40)
    assert card.words.text().endswith(
        "Its last 24 words were not read: captions were cut there, too."
    )


def test_an_empty_sentence_is_told_and_the_next_one_is_answered(card, run, qtbot):
    give(card, run, 12)
    choose(card, qtbot)
    enter(card, qtbot, "")
    assert card.words.text() == ("There is no word to look for; type what the images should show.")
    assert card.words.property("role") == "danger"
    assert not card.grid.isVisible()
    enter(card, qtbot, "a small star")
    assert card.grid.isVisible()


def test_without_a_checkpoint_it_says_to_wait(card, run, qtbot):
    give(card, run, 12)
    run.record.checkpoints.clear()
    choose(card, qtbot)
    enter(card, qtbot, "a star")
    assert card.words.text().startswith("This run has no checkpoint yet, so nothing can read")


def test_a_map_without_a_checkpoint_is_searched_by_the_newest(card, run, qtbot):
    space = give(card, run, 0)
    choose(card, qtbot)
    enter(card, qtbot, "a large star")
    order = np.argsort(-cosines(run, space.index, "a large star"), kind="stable")
    assert card.grid.rows.tolist() == space.index[order].tolist()
    assert card.stale.text() == (
        "Found at epoch 3.0; the map shows epoch 0.0. Of that one there is no checkpoint."
    )
    give(card, run, 12)
    assert not card.stale.isVisible()
    give(card, run, 8)
    assert card.stale.text().endswith("epoch 2.0. Find once more to search there.")
    enter(card, qtbot, "a large star")
    assert not card.stale.isVisible()
    order = np.argsort(-cosines(run, space.index, "a large star", 8), kind="stable")
    assert card.grid.rows.tolist() == space.index[order].tolist()


def test_only_a_run_that_reads_sentences_offers_it(card, run, qtbot):
    space = give(card, run, 12)
    kinds = [card.form.kind.itemText(one) for one in range(card.form.kind.count())]
    assert kinds == [*KINDS, SENTENCE]
    choose(card, qtbot)
    other = run.recipe.with_set({"method.key": "simclr"})
    card.set_space(space, Probe(space.index, run.catalogue, other))
    assert [card.form.kind.itemText(one) for one in range(card.form.kind.count())] == [*KINDS]
    assert card.form.wish.kind == KINDS[0]
    assert not card.form.sentence.isVisible()
    probe = Probe(space.index, run.catalogue, None)
    assert not reads_sentences(run.core, probe)
    assert not reads_sentences(None, Probe(space.index, run.catalogue, run.directory.recipe()))
    assert not reads_sentences(run.core, None)


def test_a_second_return_replaces_the_first_search(card, run, qtbot):
    give(card, run, 12)
    choose(card, qtbot)
    line = card.form.sentence
    qtbot.mouseClick(line, LEFT)
    qtbot.keyClicks(line, "star")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.keyClicks(line, " zebra")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert card.bar.isVisible()
    qtbot.waitUntil(card.start.isVisible, timeout=20_000)
    qtbot.waitUntil(lambda: not run.tasks.running(), timeout=20_000)
    assert card.words.text().endswith("so read as unknown: zebra.")
    assert line.hasFocus()


def test_a_click_on_what_was_found_pins_it(run, qtbot):
    layouts = Layouts(run.tasks, server=Server)
    panel = ExplorePanel(run, layouts=layouts)
    layouts.setParent(panel)
    qtbot.addWidget(panel, before_close_func=lambda one: one.layouts.close())
    panel.resize(1300, 800)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: panel.finder.start.isEnabled(), timeout=20_000)
    panel.column.show_page("find")
    choose(panel.finder, qtbot)
    enter(panel.finder, qtbot, "a large red star")
    grid = panel.finder.grid
    qtbot.mouseClick(grid.viewport(), LEFT, pos=grid.cell(0).center())
    assert panel.beside.row == grid.rows[0]
    qtbot.waitUntil(lambda: not run.tasks.running(), timeout=20_000)


# On a worker ------------------------------------------------------------------------------------


def find(searches, run, space, words="a star", probe=None, ticket=None):
    probe = probe or Probe(space.index, run.catalogue, run.directory.recipe())
    wish = Wish(SENTENCE, "", 5, text=words)
    ticket = ticket or Ticket(lambda: None)
    cache = run.settings.cache_folder
    return searches.find(wish, space, probe, list(run.record.checkpoints), cache, ticket)


def test_the_images_are_embedded_once_for_all_sentences(run, monkeypatch):
    from sslcore.assessment import sentences

    opened, real = [], sentences.search_at
    monkeypatch.setattr(
        sentences, "search_at", lambda *words: opened.append(words[1]) or real(*words)
    )
    searches, space = SentenceSearches(), space_at(run, 12)
    first = find(searches, run, space)
    second = find(searches, run, space, "a large red star")
    assert first.positions != second.positions
    assert opened == ["checkpoints/step_00000012"]
    find(searches, run, space_at(run, 8))
    find(searches, run, space_at(run, 12))
    assert len(opened) == 2
    find(searches, run, space_at(run, 4))  # a third: the one that was asked longest ago goes
    find(searches, run, space_at(run, 12))
    assert len(opened) == 3
    find(searches, run, space_at(run, 8))
    assert len(opened) == 4
    fewer = Space(space.run, 12, 3.0, space.index[:9], space.features[:9])
    assert len(find(searches, run, fewer).positions) == 5
    assert len(opened) == 5
    searches.forget()
    find(searches, run, space)
    assert len(opened) == 6


def test_a_checkpoint_that_was_removed_gives_way_to_the_newest(run):
    shutil.rmtree(run.directory.path / "checkpoints" / "step_00000004")
    found = find(SentenceSearches(), run, space_at(run, 4))
    assert found.moment == (12, 3.0)
    shutil.rmtree(run.directory.path / "checkpoints")
    with pytest.raises(ValueError, match="no such checkpoint"):
        find(SentenceSearches(), run, space_at(run, 4))


def test_it_stops_when_asked_to_and_needs_the_images_at_another_step(run):
    ticket = Ticket(lambda: None)
    ticket.cancel()
    with pytest.raises(Cancelled):
        find(SentenceSearches(), run, space_at(run, 0), ticket=ticket)
    space = space_at(run, 0)
    with pytest.raises(ValueError, match="the run's images are not open"):
        find(SentenceSearches(), run, space, probe=Probe(space.index, None, None))


def test_the_example_is_a_caption_of_the_images(run):
    space = space_at(run, 12)
    probe = Probe(space.index, run.catalogue, None)
    assert example(probe) == run.catalogue.captions[space.index[0]]
    assert example(None) == example(Probe(space.index, None, None)) == ""
