import numpy as np
import pytest

from sslcore.data.pool import Cancelled
from sslcore.evaluation import tag_propagation
from sslcore.evaluation.tag_propagation import candidates

FEATURES = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
TAGGED = np.array([3, 17, 5])


def slowly(features, tagged, barred=(), threshold=-1.0):
    """(cosine, position, source) by plain loops, best first."""
    found = []
    for position, row in enumerate(features.tolist()):
        if position in tagged or position in barred:
            continue
        best, source = -2.0, -1
        for one in sorted(set(tagged.tolist())):
            other = features[one].tolist()
            dot = sum(a * b for a, b in zip(row, other, strict=True))
            lengths = (sum(a * a for a in row) * sum(b * b for b in other)) ** 0.5
            cosine = dot / lengths if lengths else 0.0
            if cosine > best:
                best, source = cosine, one
        if best >= threshold:
            found.append((best, position, source))
    return sorted(found, key=lambda one: (-one[0], one[1]))


@pytest.mark.parametrize("chunk", [7, 8192])
@pytest.mark.parametrize("threshold", [-1.0, 0.3])
def test_candidates_are_those_of_plain_loops(monkeypatch, chunk, threshold):
    monkeypatch.setattr(tag_propagation, "_CHUNK", chunk)
    barred = np.array([0, 3, 8])
    expected = slowly(FEATURES, TAGGED, barred.tolist(), threshold)
    found = candidates(FEATURES, TAGGED, barred=barred, threshold=threshold)
    assert found.positions.tolist() == [position for _, position, _ in expected]
    assert found.sources.tolist() == [source for _, _, source in expected]
    assert found.cosines == pytest.approx([cosine for cosine, _, _ in expected], abs=1e-6)
    few = candidates(FEATURES, TAGGED, barred=barred, threshold=threshold, most=4)
    assert few.positions.tolist() == found.positions[:4].tolist()
    assert len(few) == 4


def test_lengths_do_not_matter_and_tagged_images_twice_count_once():
    scaled = FEATURES * np.linspace(0.1, 9, 40, dtype=np.float32)[:, None]
    found = candidates(scaled, np.array([3, 3, 17, 5]))
    assert found.positions.tolist() == candidates(FEATURES, TAGGED).positions.tolist()
    assert not set(found.positions.tolist()) & set(TAGGED.tolist())


def test_equal_cosines_are_in_order_of_position():
    same = np.ones((6, 3), np.float32)
    found = candidates(same, np.array([2, 4]))
    assert found.positions.tolist() == [0, 1, 3, 5]
    assert found.sources.tolist() == [2, 2, 2, 2]


def test_nothing_is_left_when_all_are_tagged():
    assert len(candidates(FEATURES, np.arange(40))) == 0
    assert len(candidates(FEATURES, TAGGED, threshold=1.1)) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tagged": np.array([], np.int64)}, "no image carries the tag"),
        ({"tagged": np.array([40])}, "tagged must name rows of the 40 features, got 40"),
        ({"tagged": np.array([-1])}, "tagged must name rows"),
        ({"tagged": TAGGED, "barred": np.array([99])}, "barred must name rows"),
        ({"tagged": TAGGED, "most": 0}, "most must be at least 1"),
    ],
)
def test_what_cannot_be_asked_is_said(options, words):
    with pytest.raises(ValueError, match=words):
        candidates(FEATURES, **options)


def test_it_can_be_called_off():
    with pytest.raises(Cancelled):
        candidates(FEATURES, TAGGED, cancelled=lambda: True)
