"""Ridge regression: scikit-learn's, whichever of the two spaces it is solved in."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge as Reference
from sklearn.preprocessing import StandardScaler

from sslcore.evaluation.ridge import Ridge


@pytest.mark.parametrize("dimensions", [6, 90])
@pytest.mark.parametrize("penalty", [1e-3, 1.0, 100.0])
def test_it_is_the_ridge_regression_of_scikit_learn(dimensions, penalty):
    random = np.random.default_rng(0)
    x = random.normal(3, 2, (50, dimensions)) * np.arange(1, dimensions + 1)
    x[:, 2] = 7.0  # a constant says nothing and must not divide by zero
    y = random.normal(10, 4, (50, 3))
    scaler = StandardScaler().fit(x)
    model = Reference(alpha=penalty * 50).fit(scaler.transform(x), y)
    queries = random.normal(3, 2, (7, dimensions)) * np.arange(1, dimensions + 1)
    queries[:, 2] = 7.0
    ridge = Ridge(torch.from_numpy(x), torch.from_numpy(y))
    found = ridge.predict(torch.from_numpy(queries), penalty)
    np.testing.assert_allclose(found, model.predict(scaler.transform(queries)), rtol=1e-6)
    weight, intercept = ridge.solve(penalty)
    np.testing.assert_allclose(torch.from_numpy(queries) @ weight + intercept, found, rtol=1e-9)


def test_a_strong_penalty_says_the_mean_and_a_weak_one_the_truth():
    random = np.random.default_rng(1)
    x = torch.from_numpy(random.normal(size=(40, 5)))
    y = x @ torch.arange(1.0, 6).double()[:, None] + 3
    weak, strong = (Ridge(x, y).predict(x, penalty) for penalty in (1e-9, 1e9))
    np.testing.assert_allclose(weak, y, atol=1e-6)
    np.testing.assert_allclose(strong, np.full((40, 1), float(y.mean())), atol=1e-6)
