"""A tiny CLIP run searched by a sentence, against every step of it taken by hand."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from sslcore.assessment.moments import Moment, moments
from sslcore.assessment.sentences import search_at
from sslcore.assessment.trained import open_trained
from sslcore.assessment.watch import Watch
from sslcore.data.captions import Vocabulary
from sslcore.data.catalogue import Catalogue, scan
from sslcore.data.pixel_store import PixelStore
from sslcore.data.pool import Cancelled
from sslcore.engine.control import Control
from sslcore.engine.store import CheckpointError
from sslcore.engine.train import train
from sslcore.runs.directory import RunDirectory
from tests.sslcore.engine.tiny import recipe

SENTENCE = "a large red star on a plain ground"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of CLIP on 30 captioned pictures, features kept at steps 0 to 6."""
    place = tmp_path_factory.mktemp("sentences")
    small = recipe(place / "images", "clip", run__probe_images=20)
    directory = RunDirectory.create(place / "run", small)
    for _ in directory.record(train(small, Control(), directory)):
        pass
    directory.close()
    return directory.path


@pytest.fixture
def run(made: Path) -> RunDirectory:
    return RunDirectory.open(made)


@pytest.fixture
def catalogue(run: RunDirectory) -> Catalogue:
    return scan(Path(run.recipe().data.folder))


def kept(run: RunDirectory) -> list[Moment]:
    return list(moments(run, 99, Watch(), ""))


def by_hand(run: RunDirectory, catalogue: Catalogue, rows: np.ndarray) -> np.ndarray:
    """(N,) cosines of the images, each looked at by itself, with the sentence."""
    method = open_trained(run).method
    tokens = Vocabulary(method.facts.vocabulary).tokens([SENTENCE], 8)
    cosines = []
    with torch.no_grad(), PixelStore.open(catalogue, 16, budget_bytes=0) as pixels:
        text = method.text_head(method.text(tokens))[0]
        for row in rows:
            images = torch.nn.functional.interpolate(
                pixels.read(np.array([row])), size=(16, 16), mode="bilinear", antialias=True
            )
            image = method.image_head(method.encoder()(images))[0]
            cosines.append(float(image @ text / image.norm() / text.norm()))
    return np.array(cosines)


def test_at_the_step_of_the_checkpoint_no_image_is_read(
    run: RunDirectory, catalogue: Catalogue
) -> None:
    last = kept(run)[-1]
    found = search_at(run, "auto", last, None)
    assert (found.step, found.epoch) == (6, 2.0)
    assert found.rows is last.rows
    answer = found.search.ask(SENTENCE, 5)
    expected = by_hand(run, catalogue, last.rows)
    order = np.argsort(-expected, kind="stable")
    assert answer.rows.tolist() == order[:5].tolist()
    np.testing.assert_allclose(answer.cosines, expected[order[:5]], atol=1e-4)


def test_at_another_step_the_images_are_embedded_anew(
    run: RunDirectory, catalogue: Catalogue
) -> None:
    first, last = kept(run)[0], kept(run)[-1]
    assert first.step == 0
    told: list[tuple[str, int, int]] = []
    watch = Watch(lambda *word: told.append(word))
    found = search_at(run, "auto", first, catalogue, watch=watch)
    assert found.step == 6
    assert told == [("Projections", len(first.rows), len(first.rows))]
    here = search_at(run, "auto", last, None)
    one, other = (each.search.ask(SENTENCE, 99) for each in (found, here))
    assert one.rows.tolist() == other.rows.tolist()
    np.testing.assert_allclose(one.cosines, other.cosines, atol=1e-4)


def test_what_cannot_be_searched_is_refused(
    run: RunDirectory, catalogue: Catalogue, trained: Path, tmp_path: Path
) -> None:
    first, last = kept(run)[0], kept(run)[-1]
    with pytest.raises(ValueError, match="the map shows step 0, the checkpoint is of step 6"):
        search_at(run, "auto", first, None)
    with pytest.raises(Cancelled):
        search_at(run, "auto", first, catalogue, watch=Watch(cancelled=lambda: True))
    with pytest.raises(Cancelled):
        search_at(run, "auto", last, None, watch=Watch(cancelled=lambda: True))
    other = RunDirectory.open(trained)
    with pytest.raises(ValueError, match="cannot read a sentence"):
        search_at(other, "auto", kept(other)[-1], None)
    shutil.copytree(run.path, tmp_path / "bare")
    shutil.rmtree(tmp_path / "bare" / "checkpoints")
    with pytest.raises(CheckpointError, match="no checkpoint yet"):
        search_at(RunDirectory.open(tmp_path / "bare"), "auto", last, None)
