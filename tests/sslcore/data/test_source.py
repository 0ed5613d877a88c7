import numpy as np
import pytest
import torch

from sslcore.data import demo_kinds
from sslcore.data.captions import Vocabulary
from sslcore.data.catalogue import scan
from sslcore.data.loader import Loader
from sslcore.data.pixel_store import PixelStore
from sslcore.data.reading import Reading
from sslcore.data.source import Source, Window, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    top = tmp_path_factory.mktemp("kinds")
    for kind in demo_kinds.COUNTS:
        demo_kinds.make(top / kind, kind, count=8, size=16)
    return top


def test_a_sample_of_a_sequence_is_its_frames_in_time_around_the_image(folder):
    catalogue = scan(folder / "sequences")
    rows = serving(catalogue, np.arange(len(catalogue)), "sequences", Window(3, 2))
    assert len(rows) == 8 * (12 - 4)
    for budget in (2**20, 0):  # from the cache, and streamed
        with PixelStore.open(catalogue, 16, budget_bytes=budget) as pixels:
            source = Source(catalogue, "sequences", pixels, window=Window(3, 2))
            chosen = rows[[5, 20]]
            sample = source.sample(chosen)
            assert sample.frames.shape == (2, 3, 3, 16, 16)
            assert torch.equal(sample.image, pixels.read(chosen))
            for row, frames in zip(chosen, sample.frames, strict=True):
                assert catalogue.paths[row - 2].rpartition("/")[0] in catalogue.paths[row]
                assert torch.equal(frames, pixels.read([row - 2, row, row + 2]))


def test_what_a_step_holds_depends_on_seed_and_step_alone(folder):
    catalogue = scan(folder / "sequences")
    rows = serving(catalogue, np.arange(len(catalogue)), "sequences", Window())
    with PixelStore.open(catalogue, 16, budget_bytes=0) as pixels:
        source = Source(catalogue, "sequences", pixels)
        loaders = [Loader(pixels, rows, 6, 3, ahead, source.sample) for ahead in (0, 2)]
        straight = [one for one, _ in zip(loaders[0].batches(), range(5), strict=False)]
        resumed = next(loaders[1].batches(4))
        for loader in loaders:
            loader.close()
    assert torch.equal(resumed.index, straight[4].index)
    assert torch.equal(resumed.frames, straight[4].frames)


def test_targets_and_captions_come_with_their_images(folder):
    catalogue = scan(folder / "pairs", Reading(target="labels"))
    pixels = PixelStore.open(catalogue, 16, budget_bytes=2**20)
    targets = PixelStore.open(catalogue.targets, 16, budget_bytes=2**20)
    sample = Source(catalogue, "pairs", pixels, targets=targets).sample(np.array([5, 2]))
    assert sample.target.dtype == torch.int64
    assert torch.equal(sample.target.float(), targets.read([5, 2]))
    assert sample.index.tolist() == [5, 2]
    assert Source(catalogue, "images", pixels, targets=targets).sample(np.array([1])).target is None

    catalogue = scan(folder / "captions")
    words = Vocabulary.build(catalogue.captions, 100)
    pixels = PixelStore.open(catalogue, 16, budget_bytes=2**20)
    source = Source(catalogue, "captions", pixels, vocabulary=words, length=10)
    sample = source.sample(np.array([3, 4]))
    assert torch.equal(sample.tokens, words.tokens(catalogue.captions[3:5], 10))
    assert sample.tokens.shape == (2, 10)


def test_rows_that_do_not_serve_are_left_out(folder, tmp_path):
    catalogue = scan(folder / "captions")
    for file in list((folder / "captions").rglob("*.txt"))[:3]:
        text = file.read_text()
        file.unlink()
        fewer = scan(folder / "captions")
        assert len(serving(fewer, np.arange(8), "captions", Window())) == 7
        file.write_text(text)
    assert serving(catalogue, np.arange(8), "images", Window()).tolist() == list(range(8))


def test_windows_longer_than_every_sequence_are_refused(folder):
    catalogue = scan(folder / "sequences")
    with pytest.raises(ValueError, match=r"data\.frames = 13.* the longest has 12 frames; lower"):
        serving(catalogue, np.arange(len(catalogue)), "sequences", Window(13))
