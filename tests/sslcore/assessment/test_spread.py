import numpy as np

from sslcore.assessment.spread import Spread, spread
from sslcore.evaluation.distributions import distribution


def test_figures_stay_the_same() -> None:
    values = np.random.default_rng(0).normal(size=50)
    found = distribution(values, np.linspace(-3, 3, 7))
    plain = spread(found)
    assert plain.count == 50
    assert plain.mean == found.mean
    assert plain.median == np.median(values)
    assert np.array_equal(plain.quantiles, found.quantiles)
    assert np.array_equal(plain.counts, found.counts)
    assert Spread.model_validate_json(plain.model_dump_json()) == plain
