"""Classes that are too small are named, those that are not are not."""

import numpy as np

from sslcore.assessment.small_classes import remarks

NAMES = ("cat", "dog", "ship", "car")


def test_classes_on_one_side_only_and_classes_of_one_image() -> None:
    bank = np.array([0, 0, 0, 1, 3, 3, -1, -1])
    unseen, left, single = remarks(bank, np.array([0, 2, 2, 1, -1]), NAMES)
    assert unseen.startswith("Asked for but never shown: ship. All 2 held-out images")
    assert left.startswith("Shown but never asked for: car.")
    assert single.startswith("One labelled training image only: dog.")


def test_nothing_to_say() -> None:
    assert remarks(np.array([0, 0, 1, 1]), np.array([1, 0, -1]), NAMES) == ()


def test_many_classes_are_not_all_named() -> None:
    (single,) = remarks(np.arange(9), np.arange(9), ())
    assert "class 0, class 1, class 2 and 6 more" in single
