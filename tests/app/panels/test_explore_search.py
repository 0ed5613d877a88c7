import numpy as np
import pytest
from PIL import Image

from app.panels.explore_layouts import Space
from app.panels.explore_probe import Probe
from app.panels.explore_search import (
    ALIKE,
    CLASSES,
    DENSE,
    EQUAL,
    FAR,
    FILES,
    LOCAL,
    NEARER,
    Wish,
    search,
)  # fmt: skip
from app.tasks import Ticket
from sslcore.data.catalogue import scan
from sslcore.evaluation.mislabelled import mislabelled
from sslcore.evaluation.outliers import local_outlier_factor, neighbour_distance
from sslcore.evaluation.subset import central, densest, diverse

COUNT = 24


@pytest.fixture
def space():
    """Rows 0 to 23 in a turned order; 4 and 9 nearly the same, 20 far away, 3 among the others."""
    generator = np.random.default_rng(0)
    features = generator.normal(size=(COUNT, 5)) * 0.3 + 2 * np.eye(5)[np.arange(COUNT) // 12]
    features[9] = features[4] + 0.001
    features[20] = (0, 0, 0, 0, -3)
    features[3] = features[15] + 0.1
    index = np.arange(COUNT)[::-1].copy()
    return Space("run", 10, 1.0, index, features[::-1].astype(np.float32).copy())


@pytest.fixture
def probe(space, opened):
    return Probe(space.index, opened.catalogue, opened.recipe)


def find(kind, way, number, space, probe, seed=0):
    return search(Wish(kind, way, number, seed), space, probe, Ticket(lambda: None))


def rows(found):
    return [int(found.space.index[one]) for one in found.positions]


def test_near_duplicates_come_in_groups(space, probe):
    found = find("Near-duplicates", ALIKE, 0.999, space, probe)
    assert found.sentence == (
        "1 pair of near-duplicates among 24 images, in 1 group; the closest has cosine 1.000."
    )
    ((title, hits),) = found.groups
    assert title == "closest 1.000"
    assert rows(found) == [9, 4]
    assert [hit.words for hit in hits] == ["1.000", "1.000"]


def test_in_a_group_the_likest_come_first(probe):
    angles = np.radians([0, 8, 20, 14])
    features = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    chain = Space("run", 1, 1.0, np.arange(4), features)
    found = find("Near-duplicates", ALIKE, 0.99, chain, probe)
    assert len(found.groups) == 1
    assert found.positions[-1] == 0
    scores = [float(hit.words) for hit in found.groups[0][1]]
    assert scores == sorted(scores, reverse=True)


def test_where_nothing_is_alike_the_closest_pair_is_told(space, probe):
    apart = Space("run", 1, 1.0, np.arange(3), np.array([[1, 0], [0, 1], [1, -1]], np.float32))
    found = find("Near-duplicates", ALIKE, 0.9, apart, probe)
    assert found.groups == ()
    assert found.sentence == (
        "No two of 3 images have a cosine of 0.9 or more. The closest pair has 0.707."
    )


def test_an_encoder_that_holds_everything_for_alike_is_told(space, probe):
    generator = np.random.default_rng(0)
    features = (1 + 0.001 * generator.normal(size=(500, 4))).astype(np.float32)
    same = Space("run", 1, 1.0, np.arange(500), features)
    found = find("Near-duplicates", ALIKE, 0.5, same, probe)
    assert found.sentence.startswith("More than 100,000 pairs of near-duplicates among 500 images")
    assert "Ask for a larger cosine" in found.sentence


def test_equal_files_are_compared_by_content(space, tmp_path, opened):
    for number in range(6):
        pixels = np.full((8, 8, 3), 40 * (number % 4), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    few = Space("run", 1, 1.0, np.array([5, 3, 1, 0]), np.eye(4, dtype=np.float32))
    probe = Probe(few.index, scan(tmp_path), None)
    found = find("Near-duplicates", FILES, 0.9, few, probe)
    assert rows(found) == [5, 1], "0 has its copy outside the map"
    assert found.sentence.startswith("1 file is a copy of another among 4 images, byte for byte")
    assert found.groups[0][0] == "equal files"
    assert [hit.words for hit in found.groups[0][1]] == ["5.png", "1.png"]
    alone = Space("run", 1, 1.0, np.array([3, 0]), np.eye(2, dtype=np.float32))
    probe = Probe(alone.index, probe.catalogue, None)
    found = find("Near-duplicates", FILES, 0.9, alone, probe)
    assert (found.groups, found.sentence) == ((), "No two of 2 files are equal byte for byte.")
    with pytest.raises(ValueError, match="images of this run are not open"):
        find("Near-duplicates", FILES, 0.9, space, Probe(space.index, None, None))


def test_outliers_are_ranked_by_the_library(space, probe):
    found = find("Outliers", FAR, 5, space, probe)
    scores = neighbour_distance(space.features, 10)
    assert found.positions == np.argsort(-scores, kind="stable")[:5].tolist()
    assert rows(found)[0] == 20
    assert found.groups[0][1][0].words == f"{scores.max():.3f}"
    assert found.sentence.startswith("The 5 of 24 images that are least like any other")
    assert f"{np.median(scores):.2f}" in found.sentence
    found = find("Outliers", LOCAL, 3, space, probe)
    scores = local_outlier_factor(space.features, 20)
    assert found.positions == np.argsort(-scores, kind="stable")[:3].tolist()
    assert f"factor {scores.max():.2f} for the first" in found.sentence


def test_the_mislabelled_come_with_what_their_neighbours_say(space, probe):
    for way, temperature in ((EQUAL, None), (NEARER, 0.1)):
        found = find("Mislabelled", way, 5, space, probe)
        expected = mislabelled(space.features, probe.labels, 5, temperature)
        assert found.positions == expected.rows.tolist()
    assert rows(found)[0] == 3
    hit = found.groups[0][1][0]
    assert hit.words == "1.00 → dog"
    assert f"{len(expected)} of 24 labelled images" in found.sentence
    assert found.sentence.endswith("the clearest is called cat and lies among dog.")


def test_without_classes_no_label_can_be_wrong(space):
    with pytest.raises(ValueError, match="these images have no classes"):
        find("Mislabelled", EQUAL, 5, space, Probe(space.index, None, None))


def test_labels_that_fit_are_said_to_fit(space, probe):
    clear = np.eye(5, dtype=np.float32)[probe.labels] + 0.01
    found = find("Mislabelled", EQUAL, 5, Space("r", 1, 1.0, space.index, clear), probe)
    assert found.groups == ()
    assert found.sentence == "The neighbours of all 24 labelled images agree with their label."


def test_typical_ones_of_classes_and_of_all(space, probe):
    found = find("Most typical", CLASSES, 6, space, probe)
    expected = central(space.features, 6, probe.labels)
    assert found.positions == expected.rows.tolist()
    assert "centre of 2 classes" in found.sentence
    assert found.groups[0][1][0].words.split()[1] in ("cat", "dog")
    found = find("Most typical", DENSE, 6, space, probe)
    assert found.positions == densest(space.features, 6).rows.tolist()
    bare = Probe(space.index, None, None)
    found = find("Most typical", CLASSES, 6, space, bare)
    assert found.positions == central(space.features, 6).rows.tolist()
    assert "no classes" in found.sentence


def test_diverse_ones_say_how_well_they_cover(space, probe):
    found = find("Most diverse", "", 4, space, probe, seed=2)
    expected = diverse(space.features, 4, 2)
    assert found.positions == expected.rows.tolist()
    assert found.groups[0][1][0].words == "first"
    assert f"{1 - expected.radius:.2f}".replace("-", "−") in found.sentence
    found = find("Most diverse", "", 99, space, probe)
    assert len(found.positions) == COUNT
    assert found.sentence.startswith("All 24 images")
