"""Rules that tell a run that learns nothing from one that is only slow."""

import pytest

from sslcore.method import registry
from sslcore.tell_tales import MARK, NOW, START, WIDEN, excused, growth, shrunk, stands, widen


def test_standing_still_is_relative_to_the_constant() -> None:
    assert stands([4.01, 3.99], 4.0)
    assert not stands([4.01, 3.97], 4.0)
    assert stands([0.004, -0.004], 0.0), "there is nothing to be relative to"
    assert not stands([0.006], 0.0)


@pytest.mark.parametrize(
    ("begun", "now", "grew"),
    [
        (2.0, 6.1, True),  # beyond three times its start
        (2.0, 5.9, False),
        (0.002, 0.9, False),  # less than 1 above it
        (0.002, 1.1, True),
        (-0.5, 0.4, False),
        (-0.5, 0.6, True),
        (5.3, 6.3, False),  # MoCo's early rise
    ],
)
def test_a_loss_grows_far_beyond_its_start(begun: float, now: float, grew: bool) -> None:
    assert growth([begun] * START, [now] * NOW) == ((begun, now) if grew else None)
    assert growth([begun] * (START - 1), [now] * NOW) is None, "too early"
    assert growth([begun] * START, [now] * (NOW - 1)) is None


def test_a_noisy_start_excuses_more_growth() -> None:
    noisy = [1.0, 21.0] * (START // 2)
    assert growth(noisy, [50.0] * NOW) is None  # 4 deviations of 10 above the start of 11
    assert growth(noisy, [52.0] * NOW) == (11.0, 52.0)


@pytest.mark.parametrize(
    ("name", "spreads", "accuracies", "fine"),
    [
        ("ln K", [0.9, 0.9], [], False),
        ("ln K", [0.9], [0.20, 0.24], True),
        ("ln K", [0.9], [0.20, 0.22], False),
        ("ln K", [0.9], [0.10, 0.3, 0.3, 0.3, 0.3, 0.3], False),
        ("ln K", [0.9], [0.3, 0.24, 0.28], True),
        (f"-1 {MARK}", [0.9, 0.6], [], True),
        (f"-1 {MARK}", [0.9, 0.02], [], False),
        (f"-1 {MARK}", [], [], False),
        (f"-1 {MARK}", [0.02], [0.2, 0.3], True),
    ],
)
def test_what_excuses_a_loss_that_stands(
    name: str, spreads: list[float], accuracies: list[float], fine: bool
) -> None:
    assert excused(name, spreads, accuracies) is fine


def test_projections_are_held_against_where_they_began() -> None:
    assert shrunk(0.013, 0.105)
    assert not shrunk(0.06, 0.105), "more than half of it is left"
    assert not shrunk(0.13, 0.9), "still wide enough"
    assert shrunk(0.13, 0.9, limit=0.2)
    assert not shrunk(0.01, None)


def test_remedies_name_what_a_method_has_against_collapse() -> None:
    assert widen("X", "") == WIDEN
    assert widen("X", "its negatives").startswith("X is kept from collapsing by its negatives: ")


@pytest.mark.parametrize("key", sorted(registry()))
def test_settings_that_remedies_name_exist(key: str) -> None:
    card = registry()[key].card
    for word in card.against_collapse.replace(",", " ").replace(")", " ").split():
        section, _, field = word.strip("(").partition(".")
        if section == "method" and field:
            assert field in card.config.model_fields, word
    if any(name in card.family for name in ("contrastive", "bootstrapping", "regularization")):
        assert card.against_collapse, "methods that compare views say what they have against it"
