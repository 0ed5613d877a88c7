"""What is measured while training is what the evaluation package says, on fixed images."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sslcore.augment.presets import contrastive_views
from sslcore.engine.preparation import Material
from sslcore.engine.probe import Probe
from sslcore.evaluation import collapse, knn
from sslcore.evaluation.features import Cancelled
from sslcore.method import Method
from tests.sslcore.engine.test_preparation import opened


class Means(nn.Module):
    """Stands in for a method: mean and deviation of every channel, and a head of two numbers."""

    def __init__(self, broken: bool = False, headless: bool = False) -> None:
        super().__init__()
        self.broken, self.headless = broken, headless

    def embed(self, images: Tensor) -> Tensor:
        found = torch.cat([images.mean((2, 3)), images.std((2, 3))], 1)
        return found * float("nan") if self.broken else found

    def projection(self, features: Tensor) -> Tensor:
        return features if self.headless else features[:, :2] - features[:, 1:3]


def probe(material: Material, limit: int = 100) -> Probe:
    return Probe(material, contrastive_views(16, 3), 16, limit, 0, torch.device("cpu"))


def test_metrics_are_those_of_the_evaluation(images: Path) -> None:
    material = opened(images)
    method = cast(Method[Any], Means())
    found = probe(material).measure(method, lambda: False)
    split, labels = material.split, material.catalogue.labels
    assert found.index.tolist() == [*split.train, *split.held_out]
    expected = Means().embed(material.pixels.read(found.index)).numpy()
    np.testing.assert_allclose(found.features, expected, atol=1e-6)
    assert found.metrics["knn_20"] == knn.accuracy(
        expected[:24], labels[split.train], expected[24:], labels[split.held_out], 20
    )
    assert found.metrics["feature_std"] == pytest.approx(collapse.feature_std(expected))
    assert found.metrics["rank_me"] == pytest.approx(collapse.rank_me(expected))
    assert "knn_200" not in found.metrics
    head = expected[24:, :2] - expected[24:, 1:3]
    unit = head / np.linalg.norm(head, axis=1, keepdims=True)
    spread = np.sqrt(2) * unit.std(0, ddof=1).mean()
    assert found.metrics["projection_spread"] == pytest.approx(spread, rel=1e-4)
    headless = probe(material).measure(cast(Method[Any], Means(headless=True)), lambda: False)
    assert headless.metrics.keys() == found.metrics.keys() - {"projection_spread"}
    again = probe(material).measure(method, lambda: False)
    assert again.metrics == found.metrics
    rows = found.views["viewed"]
    assert rows.tolist() == split.held_out.tolist()
    first, second = (found.views[name].astype(np.float32) for name in ("first", "second"))
    assert first.shape == second.shape == (len(rows), 6)
    apart = ((first - second) ** 2).sum(1).mean()
    assert apart == pytest.approx(found.metrics["alignment"], rel=0.01), "the views it measured"
    small = probe(material, limit=5).measure(method, lambda: False)
    assert small.features.shape == (10, 6)
    assert set(small.index[:5]) <= set(split.train)
    material.pixels.close()


def test_features_that_are_no_numbers_have_no_metrics(images: Path) -> None:
    material = opened(images)
    found = probe(material).measure(cast(Method[Any], Means(broken=True)), lambda: False)
    assert (found.metrics, found.views) == ({}, {})
    with pytest.raises(Cancelled):
        probe(material).measure(cast(Method[Any], Means()), lambda: True)
    material.pixels.close()


def test_without_held_out_images_health_is_measured_on_training_images(images: Path) -> None:
    material = opened(images, data__held_out=0.0)
    assert len(material.split.held_out) == 0
    found = probe(material).measure(cast(Method[Any], Means()), lambda: False)
    assert "knn_20" not in found.metrics
    assert 0 <= found.metrics["view_retrieval"] <= 1
    material.pixels.close()


def test_of_many_views_some_are_kept(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    material = opened(images)
    monkeypatch.setattr("sslcore.engine.probe.KEPT_VIEWS", 3)
    found = probe(material).measure(cast(Method[Any], Means()), lambda: False)
    assert found.views["first"].shape == (3, 6)
    assert set(found.views["viewed"]) <= set(material.split.held_out)
    material.pixels.close()
