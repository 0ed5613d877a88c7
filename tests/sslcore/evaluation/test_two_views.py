import numpy as np
import pytest
import torch

from sslcore.augment.presets import contrastive_views
from sslcore.augment.view import View, ViewPlan, mixed_seed
from sslcore.batch import Sample
from sslcore.data.pool import Cancelled
from sslcore.evaluation import two_views as module
from sslcore.evaluation.two_views import comparable_views, two_views
from sslcore.method import DataFacts, find

PICTURES = torch.rand(20, 3, 16, 16, generator=torch.Generator().manual_seed(0))
PLAN = contrastive_views(16, 3)
ROWS = np.array([3, 7, 1, 19, 4])


class Store:
    def read(self, rows):
        return PICTURES[torch.from_numpy(rows)]


def encode(images):
    return torch.cat([images.mean((2, 3)), images.std((2, 3))], 1)


@pytest.mark.parametrize("batch", [256, 2])
def test_features_of_both_views(monkeypatch, batch):
    monkeypatch.setattr(module, "_BATCH", batch)
    told = []
    found = two_views(
        encode, Store(), PLAN, ROWS, 16, 7, "why", progress=lambda *word: told.append(word)
    )
    drawn = PLAN.draw(mixed_seed(7, "why"), 5, (16, 16))
    rendered = PLAN.render(Sample(torch.from_numpy(ROWS), PICTURES[ROWS]), drawn)
    for features, name in zip(found, ("view_a", "view_b"), strict=True):
        torch.testing.assert_close(features, encode(rendered.views[name].flatten(0, 1)))
    assert told[-1] == (5, 5)


def test_it_is_called_off():
    with pytest.raises(Cancelled):
        two_views(encode, Store(), PLAN, ROWS, 16, cancelled=lambda: True)


def test_which_views_can_be_compared() -> None:
    facts = DataFacts(count=9, channels=3, image_size=32, batch_size=8, total_steps=10)
    plans = {
        key: find(key).default_views(find(key).card.config(), facts)
        for key in ("simclr", "rotation", "denoising_autoencoder")
    }
    chosen = comparable_views(plans["simclr"])
    assert chosen is not None
    assert [one.name for one in chosen.views] == ["view_a", "view_b"]
    assert comparable_views(plans["rotation"]) is None
    assert comparable_views(plans["denoising_autoencoder"]) is None
    sizes = ViewPlan(views=(View(name="view_a", size=32), View(name="view_b", size=16)))
    assert comparable_views(sizes) is None
    copies = ViewPlan(views=(View(name="view_a", copies=2), View(name="view_b")))
    assert comparable_views(copies) is None
