import numpy as np
import pytest
from shiboken6 import delete

from app.panels.explore_layouts import Space
from app.panels.explore_near import BANKS, NEAREST, Banks, Nearest
from app.panels.explore_probe import AGREEMENT, ASKED, Probe
from app.tasks import Ticket

COUNT = 24


@pytest.fixture
def near(opened, qtbot):
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=5_000)  # tags are being read
    made = Nearest(opened.tasks)
    made.told = []
    made.found.connect(lambda space, position: made.told.append(position))
    yield made
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=5_000)


@pytest.fixture
def space():
    features = np.random.default_rng(0).normal(size=(COUNT, 6)).astype(np.float32)
    return Space("run", 10, 1.0, np.arange(COUNT), features)


def cosines(space):
    unit = space.features / np.linalg.norm(space.features, axis=1, keepdims=True)
    table = unit @ unit.T
    np.fill_diagonal(table, -2)
    return table


def test_neighbours_come_by_cosine_without_the_point_itself(near, space, qtbot):
    assert near.of(space, 3, "hover") is None
    qtbot.waitUntil(lambda: near.told == [3], timeout=10_000)
    positions, values = near.of(space, 3, "hover")
    row = cosines(space)[3]
    assert positions.tolist() == np.argsort(-row)[:NEAREST].tolist()
    np.testing.assert_allclose(values, np.sort(row)[::-1][:NEAREST], atol=1e-5)
    assert near.told == [3], "what is known is not looked for again"


def test_a_later_search_for_the_same_purpose_replaces_the_earlier(near, space, opened, qtbot):
    for position in range(8):
        near.of(space, position, "hover")
    near.of(space, 20, "pinned")
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)
    assert set(near.told) == {7, 20}


def test_an_answer_that_comes_after_it_was_closed_is_for_nobody(opened, space, qtbot):
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=5_000)
    made = Nearest(opened.tasks)
    made.of(space, 3, "hover")
    made.of_mean(space, [1, 2])
    (asked,) = [task for task in opened.tasks.running() if task.key == "explore/near/mean"]
    delete(made)
    with qtbot.waitSignal(asked.succeeded, timeout=10_000):
        pass
    qtbot.waitUntil(lambda: not opened.tasks.running(), timeout=10_000)


def test_other_features_are_another_question(near, space, qtbot):
    other = Space("run", 20, 2.0, space.index, -space.features[::-1].copy())
    for one in (space, other):
        near.of(one, 0, "hover")
        count = len(near.told)
        qtbot.waitUntil(lambda count=count: len(near.told) > count, timeout=10_000)
    assert near.of(space, 0, "x")[0].tolist() != near.of(other, 0, "x")[0].tolist()
    near.forget()
    assert near.of(space, 0, "hover") is None


def test_a_single_image_has_no_neighbours(near, opened):
    alone = Space("run", 1, 0.1, np.arange(1), np.ones((1, 4), np.float32))
    assert near.of(alone, 0, "hover") is None
    assert not opened.tasks.running()


def mean_plainly(space, positions):
    unit = space.features / np.linalg.norm(space.features, axis=1, keepdims=True)
    middle = unit[positions].mean(0)
    values = unit @ middle / np.linalg.norm(middle)
    order = [one for one in np.argsort(-values).tolist() if one not in positions]
    return order, values[order]


def test_neighbours_of_a_mean_are_none_of_its_own(near, space, qtbot):
    told = []
    near.mean_found.connect(told.append)
    assert near.of_mean(space, [8, 2, 5]) is None
    qtbot.waitUntil(lambda: told == [space], timeout=10_000)
    positions, values = near.of_mean(space, np.array([2, 5, 8]))
    order, expected = mean_plainly(space, [2, 5, 8])
    assert positions.tolist() == order[:NEAREST]
    np.testing.assert_allclose(values, expected[:NEAREST], atol=1e-5)
    assert near.of_mean(space, [2, 5]) is None, "another mean is another question"
    qtbot.waitUntil(lambda: len(told) == 2, timeout=10_000)


def test_a_mean_of_none_or_all_has_no_neighbours(near, space, opened):
    assert near.of_mean(space, []) is None
    assert near.of_mean(space, range(COUNT)) is None
    assert not opened.tasks.running()


def test_more_neighbours_are_looked_for_and_fewer_are_known(near, space, qtbot):
    near.of(space, 3, "pinned")
    qtbot.waitUntil(lambda: near.told == [3], timeout=10_000)
    first = near.of(space, 3, "pinned")[0].tolist()
    near.count = 99
    assert near.of(space, 3, "pinned") is None
    qtbot.waitUntil(lambda: near.told == [3, 3], timeout=10_000)
    everything = near.of(space, 3, "pinned")[0].tolist()
    assert everything[:NEAREST] == first
    assert sorted([3, *everything]) == list(range(COUNT))
    near.count = 5
    assert near.of(space, 3, "pinned")[0].tolist() == first[:5]
    assert near.told == [3, 3]


def test_the_last_spaces_keep_their_bank(space):
    banks, ticket = Banks(), Ticket(lambda: None)
    others = [Space("run", step, 1.0, space.index, space.features) for step in range(BANKS)]
    first = banks.of(space, ticket)
    assert banks.of(space, ticket) is first
    for one in others[:-1]:
        banks.of(one, ticket)
    assert banks.of(space, ticket) is first
    for one in others:
        banks.of(one, ticket)
    assert banks.of(space, ticket) is not first
    kept = banks.of(space, ticket)
    banks.forget()
    assert banks.of(space, ticket) is not kept


def test_agreement_is_the_share_of_neighbours_of_the_same_class(near, space, opened, qtbot):
    probe = Probe(space.index, opened.catalogue, opened.recipe)
    told = []
    near.agreed.connect(told.append)
    assert near.agreement(space, probe) is None
    qtbot.waitUntil(lambda: told == [space], timeout=10_000)
    found = near.agreement(space, probe).numbers
    labels = opened.catalogue.labels
    nearest = np.argsort(-cosines(space), axis=1)[:, :ASKED]
    expected = (labels[nearest] == labels[:, None]).mean(1)
    np.testing.assert_allclose(found, expected)
    assert AGREEMENT in probe.choices()
    again = Probe(space.index, opened.catalogue, opened.recipe)
    assert near.agreement(space, again) is None, "other labels ask anew"
