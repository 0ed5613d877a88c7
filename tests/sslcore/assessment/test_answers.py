"""Figures of features on a folder: each is what the function of the library says."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from sslcore.assessment.answers import Answers
from sslcore.assessment.watch import Watch
from sslcore.data.pool import Cancelled
from sslcore.evaluation import budgets, knn, linear
from sslcore.evaluation.clustering import k_means, scaled

RANDOM = np.random.default_rng(0)
CENTRES = RANDOM.normal(size=(3, 6))
KNOWN, TRUTH = np.arange(90) % 3, np.arange(45) % 3


def features(labels: np.ndarray) -> np.ndarray:
    return (CENTRES[labels] + RANDOM.normal(scale=0.9, size=(len(labels), 6))).astype(np.float32)


LEARNED, ASKED = features(KNOWN), features(TRUTH)


def answers(watch: Watch | None = None, truth: np.ndarray = TRUTH) -> Answers:
    cpu = torch.device("cpu")
    return Answers("trained", LEARNED, KNOWN, ASKED, truth, 4, cpu, watch or Watch())


def test_neighbours_and_all_labels() -> None:
    assert answers().neighbours(5) == knn.accuracy(LEARNED, KNOWN, ASKED, TRUTH, 5)
    probe, _ = linear.chosen(LEARNED, KNOWN, seed=4)
    assert answers().linear().top_1 == linear.measure(probe, ASKED, TRUTH).top_1


def test_few_labels_are_drawn_and_solved_each_by_itself() -> None:
    wanted = budgets.parse("10 %, 2 per class")
    found = answers().few(wanted, 3)
    assert list(found) == ["10 %", "2 per class"]
    values = []
    for seed in (4, 5, 6):
        rows = budgets.subset(KNOWN, wanted[1], seed)
        assert len(rows) == 6
        probe, _ = linear.chosen(LEARNED[rows], KNOWN[rows], seed=seed)
        values.append(linear.measure(probe, ASKED, TRUTH).top_1)
    assert found["2 per class"] == (
        pytest.approx(np.mean(values)), pytest.approx(np.std(values, ddof=1)),
    )  # fmt: skip
    assert answers().few(wanted[1:], 1)["2 per class"] == (values[0], 0.0)
    assert answers().few((), 3) == {}


def test_an_mlp() -> None:
    assert answers().mlp() > 0.5


def test_clusters_against_classes() -> None:
    numbers = k_means(scaled(ASKED), 3, 5, 4).numbers
    assert answers().clusters() == (
        pytest.approx(normalized_mutual_info_score(TRUTH, numbers)),
        pytest.approx(adjusted_rand_score(TRUTH, numbers)),
    )
    assert answers(truth=np.zeros(45, np.int64)).clusters() is None


def test_the_rank_is_that_of_the_images_asked_about() -> None:
    rank = answers().effective_rank()
    assert rank is not None
    assert replace(answers(), asked=np.ones_like(ASKED)).effective_rank() is None
    variances = np.linalg.eigvalsh(np.cov(ASKED.T.astype(np.float64)))
    parts = variances / variances.sum()
    assert rank == pytest.approx(np.exp(-(parts * np.log(parts)).sum()), rel=1e-6)


def test_they_are_called_off() -> None:
    with pytest.raises(Cancelled):
        answers(Watch(cancelled=lambda: True)).linear()
