"""Masks carried along: against plain loops, and against a method that looks where it is told."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from sslcore.evaluation.mask_propagation import Overlap, carried, means, overlap, overlaps
from sslcore.method import CarriesMasks


class Looks:
    """A method of 2 x 2 places of 2 pixels that looks at the place with the likest brightness."""

    def __init__(self):
        self.asked = []

    def propagate(self, references, masks, target, temperature=None):
        self.asked.append((references.shape[1], temperature))
        known = F.adaptive_avg_pool2d(masks[0].float(), (2, 2)).flatten(2)  # R x K x 4
        seen = F.adaptive_avg_pool2d(references[0], (2, 2)).mean(1).flatten(1)  # R x 4
        own = F.adaptive_avg_pool2d(target, (2, 2)).mean(1).flatten()
        close = -200 * (own[:, None] - seen.flatten()).abs()
        values = close.softmax(-1) @ known.transpose(1, 2).flatten(0, 1)
        return values.T.unflatten(1, (2, 2))[None]

    def reference_frames(self):
        return 3


def clip(orders):
    """Frames of four blocks whose brightness wanders as the orders say."""
    light = torch.tensor([0.0, 0.3, 0.6, 0.9])
    frames = [light[list(order)].view(1, 2, 2).expand(3, 2, 2) for order in orders]
    return [one.repeat_interleave(2, 1).repeat_interleave(2, 2) for one in frames]


MASK = np.array([[7, 7, 0, 0], [7, 7, 0, 0], [0, 0, 3, 3], [0, 0, 3, 3]])


def test_labels_follow_what_moved():
    frames = clip([(0, 1, 2, 3), (1, 0, 2, 3), (1, 3, 2, 0)])
    method = Looks()
    assert isinstance(method, CarriesMasks)
    found = list(carried(method, lambda number: frames[number], 3, MASK))
    assert np.array_equal(found[0], MASK)
    corners = [[(one[0, 0]), one[0, 3], one[3, 0], one[3, 3]] for one in found]
    assert corners == [[7, 0, 0, 3], [0, 7, 0, 3], [0, 3, 0, 7]]
    assert all(one.shape == (4, 4) for one in found)


def test_references_are_the_first_frame_and_the_last_ones():
    seen = []

    class Remembers(Looks):
        def propagate(self, references, masks, target, temperature=None):
            places = [round(one.mean().item() * 100) for one in references[0]]
            seen.append((places, masks.shape[1], temperature))
            return super().propagate(references, masks, target, temperature)

    frames = [torch.full((3, 4, 4), number / 100) for number in range(6)]
    list(carried(Remembers(), lambda n: frames[n], 6, MASK, temperature=0.5))
    assert [one[0] for one in seen] == [[0], [0, 1], [0, 1, 2], [0, 2, 3], [0, 3, 4]]
    assert {one[2] for one in seen} == {0.5}
    seen.clear()
    list(carried(Remembers(), lambda n: frames[n], 4, MASK, references=1))
    assert [one[0] for one in seen] == [[0], [0], [0]]
    seen.clear()
    list(carried(Remembers(), lambda n: frames[n], 6, MASK, references=9))
    assert [one[0] for one in seen][-1] == [0, 1, 2, 3, 4]


def test_what_is_known_stays_soft_between_frames_as_in_a_plain_loop():
    rng = np.random.default_rng(0)
    frames = [torch.from_numpy(rng.random((3, 4, 4)).astype(np.float32)) for _ in range(4)]

    class Soft(Looks):
        def propagate(self, references, masks, target, temperature=None):
            known = F.adaptive_avg_pool2d(masks[0].float(), (2, 2)).flatten(2)
            seen = F.adaptive_avg_pool2d(references[0], (2, 2)).mean(1).flatten(1)
            own = F.adaptive_avg_pool2d(target, (2, 2)).mean(1).flatten()
            shares = (own[:, None] * seen.flatten() * 8).softmax(-1)
            return (shares @ known.transpose(1, 2).flatten(0, 1)).T.unflatten(1, (2, 2))[None]

    blocks = [F.adaptive_avg_pool2d(one, (2, 2)).mean(0).flatten().tolist() for one in frames]
    labels = [0, 3, 7]
    corner = [7, 0, 0, 3]
    soft = [[[float(corner[place] == label) for label in labels] for place in range(4)]]
    for number in range(1, 4):
        used = sorted({0, *range(max(number - 2, 0), number)})
        here = []
        for place in range(4):
            weights = {
                (r, i): math.exp(8 * blocks[number][place] * blocks[r][i])
                for r in used
                for i in range(4)
            }
            total = sum(weights.values())
            here.append(
                [sum(w * soft[r][i][k] for (r, i), w in weights.items()) / total for k in range(3)]
            )
        soft.append(here)
    found = list(carried(Soft(), lambda n: frames[n], 4, MASK))
    for number in range(1, 4):
        # Outside the middles of the outer places nothing is interpolated.
        for place, (row, column) in enumerate(((0, 0), (0, 3), (3, 0), (3, 3))):
            best = max(range(3), key=lambda k: soft[number][place][k])
            assert found[number][row, column] == labels[best]


def test_overlap_is_intersection_over_union():
    one = np.array([[1, 1, 0], [1, 2, 2]])
    other = np.array([[1, 0, 0], [1, 1, 2]])
    assert overlap(one, other, 1) == pytest.approx(2 / 4)
    assert overlap(one, other, 2) == pytest.approx(1 / 2)
    assert overlap(one, one, 1) == 1.0
    assert overlap(one, other, 5) == 1.0, "hidden, and not found"
    assert overlap(one, np.zeros_like(one), 1) == 0.0
    with pytest.raises(ValueError, match=r"\(2, 3\) cannot be held against a truth of \(3, 2\)"):
        overlap(one, other.T, 1)


def test_every_label_and_frame_counts_beside_a_mask_that_stays():
    mask = np.array([[1, 1, 0, 2]])
    found, truth = np.array([[0, 1, 1, 2]]), np.array([[0, 1, 1, 0]])
    scores = overlaps(4, found, mask, truth)
    assert scores == [Overlap(4, 1, 1.0, 1 / 3), Overlap(4, 2, 0.0, 0.0)]
    assert means(scores) == pytest.approx((0.5, 1 / 6))
    more = [*scores, Overlap(5, 1, 0.0, 1.0)]
    assert means(more) == pytest.approx(((0.5 + 0.0) / 2, (2 / 3 + 0.0) / 2))
    assert all(math.isnan(one) for one in means([]))
