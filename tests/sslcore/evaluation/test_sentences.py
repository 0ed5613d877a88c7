"""Search by a sentence against cosines one by one; words nobody learned; what cannot be asked."""

import math
from dataclasses import replace

import pytest
import torch

from sslcore.config import ConfigError
from sslcore.data.pool import Cancelled
from sslcore.evaluation.sentences import SentenceSearch, reader
from sslcore.method import EmbedsSentences, registry
from tests.sslcore.methods.steps import facts, make

VOCABULARY = tuple(f"word{number}" for number in range(28))


@pytest.fixture
def method():
    made = make("clip", known=replace(facts(), vocabulary=VOCABULARY), context=5)
    # As it begins, hardly a word moves the sentence: the words are louder here.
    with torch.no_grad():
        made.text.words.weight.mul_(50)
    return made.eval()


@pytest.fixture
def projections(method):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(40, 16, generator=generator) * torch.rand(40, 1, generator=generator) * 9


def plain(method, projections, tokens):
    """(row, cosine) of all images in loops over Python floats, nearest first."""
    with torch.no_grad():
        query = method.text_head(method.text(torch.tensor([tokens])))[0].tolist()
    found = []
    for row, image in enumerate(projections.tolist()):
        product = sum(a * b for a, b in zip(image, query, strict=True))
        lengths = math.hypot(*image) * math.hypot(*query)
        found.append((row, product / lengths))
    return sorted(found, key=lambda one: (-one[1], one[0]))


def test_the_nearest_images_are_those_of_the_largest_cosine(method, projections):
    found = SentenceSearch(method, projections, 32).ask("Word3, word0 and word27!", 6)
    expected = plain(method, projections, [5, 2, 1, 29])
    assert found.rows.tolist() == [row for row, _ in expected[:6]]
    assert found.cosines.tolist() == pytest.approx([one for _, one in expected[:6]], abs=1e-5)
    cosines = sorted(one for _, one in expected)
    assert found.middle == pytest.approx((cosines[19] + cosines[20]) / 2, abs=1e-5)


def test_another_sentence_finds_other_images(method, projections):
    search = SentenceSearch(method, projections, 32)
    orders = [
        search.ask(one, 40).rows.tolist() for one in ("word3 word4", "word20", "word20 word9")
    ]
    assert len({tuple(one) for one in orders}) == 3
    assert all(sorted(one) == list(range(40)) for one in orders)
    assert search.ask("word3 word4", 99).rows.tolist() == orders[0]
    assert len(search) == 40


def test_equal_images_come_by_lower_row(method, projections):
    alike = projections[[7, 1, 7, 7, 2]]
    rows = SentenceSearch(method, alike, 32).ask("word3", 5).rows.tolist()
    assert [row for row in rows if row in (0, 2, 3)] == [0, 2, 3]


def test_words_that_were_never_learned_are_told_and_read_as_one(method, projections):
    search = SentenceSearch(method, projections, 32)
    found = search.ask("a zebra, a WORD5", 4)
    assert (found.unknown, found.known, found.unread) == (("a", "zebra"), 1, 0)
    other = search.ask("the unicorn the word5", 4)
    assert other.unknown == ("the", "unicorn")
    assert other.rows.tolist() == found.rows.tolist()
    assert search.ask("zebra", 4).known == 0
    assert search.ask("word1", 4).unknown == ()


def test_words_after_the_longest_caption_are_not_read(method, projections):
    short = SentenceSearch(method, projections, 2)
    found = short.ask("word1 word2 word3 zebra", 3)
    assert (found.unread, found.unknown) == (2, ())
    assert found.cosines.tolist() == short.ask("word1 word2", 3).cosines.tolist()
    full = SentenceSearch(method, projections, 32)  # its text encoder reads five words
    assert full.ask("word1 word2 word3 word4 word5 word6", 3).unread == 1


@pytest.mark.parametrize("sentence", ["", "  ", "?!", "–"])
def test_a_sentence_without_a_word_is_refused(method, projections, sentence):
    with pytest.raises(ValueError, match="no word to look for; type what"):
        SentenceSearch(method, projections, 32).ask(sentence, 3)


def test_what_cannot_be_searched_is_refused(method, projections):
    search = SentenceSearch(method, projections, 32)
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        search.ask("word1", 0)
    broken = projections.clone()
    broken[4, 2] = torch.nan
    with pytest.raises(ValueError, match="first in row 4"):
        SentenceSearch(method, broken, 32)
    with pytest.raises(ConfigError, match="no vocabulary"):
        SentenceSearch(make("clip"), projections, 32).ask("word1", 3)
    with pytest.raises(Cancelled):
        SentenceSearch(method, projections, 32, lambda: True)


def test_only_a_method_that_reads_words_is_asked():
    able = [key for key, method in registry().items() if issubclass(method, EmbedsSentences)]
    assert "clip" in able
    assert able == [key for key, method in registry().items() if method.card.needs == "captions"]
    with pytest.raises(ValueError, match="SimCLR learned from images without words"):
        reader(make("simclr"))
