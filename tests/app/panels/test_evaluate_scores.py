import pytest

from app.panels.evaluate_scores import compared, group, standard_error


def test_the_verdict_looks_at_the_best_reference():
    clear = compared({"trained": 0.5, "untrained": 0.3, "pixels": 0.25}, 2500)
    assert clear.startswith("Above everything")
    assert "+20.0 points against untrained" in clear
    assert "within what chance can do" in compared({"trained": 0.31, "pixels": 0.3}, 2500)
    below = compared({"trained": 0.2, "pixels": 0.3}, 2500)
    assert below.startswith("Not above")
    assert "−10.0 points against pixels" in below
    assert compared({"trained": 0.2}, 2500) == "Nothing was measured beside it."


def test_chance_can_do_more_with_few_images():
    scores = {"trained": 0.5, "untrained": 0.3}
    assert compared(scores, 1000).startswith("Above")
    assert compared(scores, 20).startswith("Ahead, but within")


def test_bars_have_their_standard_error():
    made = group("k = 20", {"trained": 0.5, "pixels": 0.1}, 100)
    assert [one.text for one in made.scores] == ["50.0 % ± 5.0", "10.0 % ± 3.0"]
    assert standard_error(1.0, 100) == 0.0
    assert standard_error(0.5, 0) == pytest.approx(0.5)
