import numpy as np
import pytest

from sslcore.evaluation.cluster_agreement import agree
from sslcore.evaluation.cluster_owners import owners
from sslcore.evaluation.cluster_verdict import judge
from sslcore.evaluation.clustering import NOISE

NAMES = ("cat", "dog", "ship")


def heaps(*places):
    """Forty points around each of these places on a line."""
    rng = np.random.default_rng(0)
    return np.concatenate(
        [rng.normal(size=(40, 3)) + np.array([place, 0, 0]) for place in places]
    ).astype(np.float32)


def judged(points, labels, numbers, negatives=True):
    labels, numbers = np.asarray(labels), np.asarray(numbers)
    return judge(points, labels, numbers, agree(labels, numbers, 3), NAMES, negatives)


def test_clusters_that_are_the_classes_have_no_fault():
    labels = np.repeat([0, 1, 2], 40)
    found = judged(heaps(0, 20, 40), labels, labels)
    assert (found.shares.home, found.shares.split, found.shares.shared) == (1, 0, 0)
    assert found.under.level == found.over.level == "none"
    assert found.under.evidence == found.over.evidence == ()
    assert found.under.remedy == found.over.remedy == found.note == ""
    assert "homogeneity 100 %" in found.under.sentence


def test_shares_by_looking_at_every_image():
    rng = np.random.default_rng(1)
    labels = rng.integers(-1, 3, 200)
    numbers = np.where(rng.random(200) < 0.6, labels.clip(0), rng.integers(NOISE, 5, 200))
    own = owners(agree(labels, numbers, 3).table)
    home, split, shared, noise = np.zeros((4, 3))
    for c in range(3):
        mine = [k for k in numbers[labels == c].tolist() if k != NOISE]
        noise[c] = 1 - len(mine) / (labels == c).sum()
        held = [mine.count(k) for k in set(mine) if own[c, k]]
        total = (labels == c).sum()
        home[c] = max(held, default=0) / total
        split[c] = sum(held) / total - home[c]
        shared[c] = (len(mine) - sum(held)) / total
    found = judged(rng.normal(size=(200, 3)).astype(np.float32), labels, numbers).shares
    assert (found.home, found.split, found.shared, found.noise) == pytest.approx(
        (home.mean(), split.mean(), shared.mean(), noise.mean())
    )
    assert found.home + found.split + found.shared + found.noise == pytest.approx(1)


def mixed(numbers, purity, clusters):
    """Cluster numbers of which a part is drawn anew, so that ``purity`` of a cluster is left."""
    rng = np.random.default_rng(3)
    kept = (purity - 0.1) / 0.9  # ten equal classes: a tenth of those drawn anew is right
    return np.where(
        rng.random(len(numbers)) < kept, numbers, rng.integers(0, clusters, len(numbers))
    )


def of_ten(numbers):
    """Verdict on clusters of ten classes of 200 images; what the points are does not matter."""
    labels = np.repeat(np.arange(10), 200)
    points = np.random.default_rng(4).normal(size=(2000, 3)).astype(np.float32)
    names = [f"class {one}" for one in range(10)]
    return judge(points, labels, numbers, agree(labels, numbers, 10), names)


HALVED = np.repeat(np.arange(20), 100)  # the first and the second half of every class


def test_halved_classes_are_seen_at_any_purity():
    pure = of_ten(HALVED)
    assert (pure.shares.split, pure.shares.shared) == pytest.approx((0.5, 0))
    assert (pure.over.level, pure.under.level) == ("strong", "none")
    assert "fewer negatives" in pure.over.remedy
    high = of_ten(mixed(HALVED, 0.95, 20))
    assert (high.over.level, high.under.level) == ("strong", "none")
    low = of_ten(mixed(HALVED, 0.4, 20))
    assert low.shares.split == pytest.approx(0.2, abs=0.05)
    assert low.over.level == "some"
    whole = of_ten(mixed(HALVED // 2, 0.4, 10))
    assert whole.shares.home == pytest.approx(0.4, abs=0.05)
    assert whole.shares.split < 0.02
    assert whole.over.level == "none"


def test_weak_clusters_say_nothing_about_negatives():
    low = of_ten(mixed(HALVED, 0.4, 20))
    for fault in (low.under, low.over):
        assert fault.remedy
        assert "negatives" not in fault.remedy
    assert "weakly" in low.note
    assert "nothing about the number of negatives" in low.note


def test_classes_that_share_ask_for_more_negatives():
    found = of_ten(HALVED // 4)  # two classes a cluster
    assert found.under.level == "strong"
    assert "more negatives" in found.under.remedy
    assert found.over.level == "none"


def test_both_faults_at_once_ask_for_neither_more_nor_fewer():
    numbers = HALVED.copy()
    numbers[1000:] = 20 + HALVED[1000:] // 4
    found = of_ten(np.unique(numbers, return_inverse=True)[1])
    assert (found.under.level, found.over.level) == ("strong", "some")
    assert "negatives" not in found.under.remedy + found.over.remedy


@pytest.mark.parametrize("clusters", [10, 20])
def test_random_clusters_are_no_fault_of_negatives(clusters):
    found = of_ten(np.random.default_rng(5).integers(0, clusters, 2000))
    assert found.under.level == found.over.level == "unclear"
    assert found.under.remedy == found.over.remedy == ""
    assert found.under.sentence.startswith("Whether there is under-clustering cannot be told: ")
    assert "hardly follow the classes" in found.note


def test_classes_that_share_a_cluster_because_features_do_not_part_them():
    points = heaps(0, 0, 20)
    labels = np.repeat([0, 1, 2], 40)
    numbers = np.repeat([0, 0, 1], 40)
    numbers[:3] = 1  # cats have not quite half of the first cluster
    found = judged(points, labels, numbers)
    assert found.under.level == "strong"  # a third of the classes has no cluster of its own
    assert "Strong under-clustering" in found.under.sentence
    assert "negatives" in found.under.remedy
    (pair,) = found.under.evidence
    assert pair.classes == (0, 1)
    assert pair.clusters == (0,)
    assert pair.real
    assert "cat and dog: 92 % of mixed pairs fall into one cluster" in pair.sentence
    assert "do not part them" in pair.sentence
    a, b = np.array([37, 3]) / 40, np.array([40, 0]) / 40
    assert pair.figure == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    assert set(labels[pair.rows].tolist()) == {0, 1}
    assert (numbers[pair.rows] == 0).all()
    assert len(pair.rows) == 48
    assert found.over.level == "none"
    assert "With 2 clusters for 3 classes" in found.note


def test_classes_that_share_a_cluster_for_want_of_clusters():
    labels = np.repeat([0, 1, 2], 40)
    numbers = np.repeat([0, 0, 1], 40)
    numbers[0] = 1
    found = judged(heaps(0, 12, 60), labels, numbers)
    assert found.under.level == "strong"
    assert not found.under.evidence[0].real
    assert "the number of clusters makes them share" in found.under.evidence[0].sentence
    assert "more clusters would show it" in found.under.sentence


def test_typical_images_come_first():
    points = heaps(0, 0, 20)
    labels, numbers = np.repeat([0, 1, 2], 40), np.repeat([0, 0, 1], 40)
    (pair,) = judged(points, labels, numbers).under.evidence
    middle = points[:40].mean(0)
    away = [float(np.sum((points[row] - middle) ** 2)) for row in range(40)]
    assert pair.rows[:24].tolist() == np.argsort(away)[:24].tolist()


def test_a_class_with_another_between_its_parts_is_split():
    # Ships lie at 0 and at 24, cats at 18: the second part is nearer to cats than to the first.
    points = heaps(0, 24, 18)
    labels = np.repeat([2, 2, 0], 40)
    numbers = np.repeat([0, 1, 2], 40)
    found = judged(points, labels, numbers)
    assert found.over.level == "some"  # half of one class of two
    assert found.shares.split == pytest.approx(0.25)
    assert "fewer negatives" in found.over.remedy
    (case,) = found.over.evidence
    assert case.classes == (2,)
    assert case.clusters == (0, 1)
    assert case.figure == pytest.approx(0.5)
    assert case.real
    assert "ship has 2 clusters of its own, with 50 % and 50 %" in case.sentence
    assert "nearer to cat" in case.sentence
    assert (labels[case.rows] == 2).all()
    assert (numbers[case.rows[:24]] == 0).all()
    assert (numbers[case.rows[24:]] == 1).all()
    assert found.under.level == "none"


def test_a_wide_class_cut_in_two_is_told_apart():
    labels, numbers = np.repeat([2, 2, 0], 40), np.repeat([0, 1, 2], 40)
    found = judged(heaps(0, 3, 60), labels, numbers)
    assert found.over.level == "some"
    assert not found.over.evidence[0].real
    assert "one wide class cut in two" in found.over.evidence[0].sentence
    assert "side by side" in found.over.sentence


def test_low_completeness_by_sharing_alone_is_no_over_clustering():
    found = of_ten(mixed(HALVED // 2, 0.5, 10))
    assert found.over.level == "none"
    assert "because clusters are shared, not because classes are split" in found.over.sentence
    assert found.under.level == "strong"


def test_many_clusters_are_named_as_a_reason():
    labels = np.repeat([0, 1], 40)
    found = judged(heaps(0, 9), labels, np.arange(80) // 8)
    assert "With 10 clusters for 2 classes" in found.note
    assert found.over.level == "strong"


def test_remedies_without_negatives_do_not_speak_of_them():
    labels = np.repeat([0, 1, 2], 40)
    under = judged(heaps(0, 0, 20), labels, np.repeat([0, 0, 1], 40), negatives=False).under
    over = judged(heaps(0, 24, 18), [*[2] * 80, *[0] * 40], labels, negatives=False).over
    assert under.remedy
    assert over.remedy
    assert "negatives" not in under.remedy + over.remedy


def test_two_classes_with_half_a_cluster_each_both_share_it():
    labels = np.repeat([0, 1, 2], 40)
    found = judged(heaps(0, 0, 20), labels, np.repeat([0, 0, 1], 40))
    assert found.shares.shared == pytest.approx(2 / 3)


def test_nothing_but_noise_is_neither():
    labels = np.repeat([0, 1, 2], 40)
    found = judged(heaps(0, 9, 18), labels, np.full(120, NOISE))
    assert found.shares.noise == 1
    assert "100 % of the images lie in no cluster" in found.note
    assert found.under.level == found.over.level == "unclear"
