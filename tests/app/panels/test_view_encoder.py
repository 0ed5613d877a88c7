import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from app.panels.view_encoder import Encoders, Pair, measured
from app.panels.view_render import Wish, render
from app.tasks import Ticket
from sslcore.augment.patches import Rotations
from sslcore.augment.presets import contrastive_views
from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Sample
from sslcore.method import DataFacts
from sslcore.runs.export import load_encoder
from tests.app.panels.saved import new_run, save, small_recipe

FACTS = DataFacts(24, 3, 16, 8, 10)
STORED = 20


@pytest.fixture
def sample():
    generator = torch.Generator().manual_seed(0)
    return Sample(torch.arange(8), torch.rand(8, 3, STORED, STORED, generator=generator))


@pytest.fixture
def preview(sample):
    return render(Wish(contrastive_views(16, 3), 3, 2, "view_a"), sample)


class Corner(nn.Module):
    """Nine pixels of the upper left corner, less 0.5; counts how often it is asked."""

    image_size = 16
    asked = 0

    def forward(self, images):
        self.asked += 1
        return images[:, :, :3, 0].flatten(1) - 0.5


def pair(trained=None, untrained=None):
    return Pair("run", 7, trained or Corner(), untrained or Corner())


def ticket():
    return Ticket(lambda: None)


def cosine(a, b):
    a, b = (one.numpy().astype(np.float64) for one in (a, b))
    return float((a * b).sum() / math.sqrt((a * a).sum() * (b * b).sum()))


def test_cosines_are_those_of_a_plain_derivation(preview, sample):
    shown, likeness = measured(preview, pair, ticket())
    assert shown is preview
    assert (likeness.run, likeness.step) == ("run", 7)
    whole = nn.functional.interpolate(
        sample.image[2:3], size=(16, 16), mode="bilinear", align_corners=False, antialias=True
    )
    encode = Corner()
    first = encode(whole)[0]
    a, b = (encode(view.pixels)[0] for view in preview.views)
    for name, own, other in (("view_a", a, b), ("view_b", b, a)):
        moved = likeness.views[name]
        assert moved.cosines[0].trained == pytest.approx(cosine(own, first), abs=1e-6)
        assert moved.cosines[1].trained == pytest.approx(cosine(own, other), abs=1e-6)
        assert moved.pictures == pytest.approx([cosine(own, first)], abs=1e-6)
    words = [one.words for one in likeness.views["view_a"].cosines]
    assert words == ["to the original", "to view B"]
    assert likeness.views["view_b"].cosines[1].words == "to view A"


def test_a_view_that_changes_nothing_moves_nothing(sample):
    plan = ViewPlan(views=(View(name="same", size=STORED),))
    encoder = Corner()
    encoder.image_size = STORED
    shown = render(Wish(plan, 0, 0, "same"), sample)
    _, likeness = measured(shown, lambda: pair(encoder, encoder), ticket())
    (only,) = likeness.views["same"].cosines
    assert (only.words, only.trained) == ("to the original", pytest.approx(1.0))
    assert only.untrained == pytest.approx(1.0)


def test_several_pictures_are_compared_one_by_one_and_with_each_other(sample):
    plan = ViewPlan(views=(View(name="turned", size=STORED, steps=(Rotations(),)),))
    shown = render(Wish(plan, 0, 1, "turned"), sample)
    encoder = Corner()
    encoder.image_size = None
    _, likeness = measured(shown, lambda: pair(encoder), ticket())
    features = encoder(shown.views[0].pixels)
    moved = likeness.views["turned"]
    to_first = [cosine(one, features[0]) for one in features]
    assert moved.pictures == pytest.approx(to_first, abs=1e-6)
    assert moved.cosines[0].trained == pytest.approx(np.mean(to_first), abs=1e-6)
    pairs = [cosine(features[i], features[j]) for i in range(4) for j in range(4) if i != j]
    assert moved.cosines[1].words == "to each other"
    assert moved.cosines[1].trained == pytest.approx(np.mean(pairs), abs=1e-6)


def test_an_encoder_that_says_nothing_has_no_cosine(preview):
    class Silent(Corner):
        def forward(self, images):
            return super().forward(images) * 0

    _, likeness = measured(preview, lambda: pair(untrained=Silent()), ticket())
    for moved in likeness.views.values():
        assert all(math.isnan(one.untrained) for one in moved.cosines)
        assert not any(math.isnan(one.trained) for one in moved.cosines)


def test_what_is_outdated_is_given_up(preview):
    early = ticket()
    early.cancel()
    loads = []
    assert measured(preview, lambda: loads.append(1), early) is None
    assert loads == []
    late, encoder = ticket(), Corner()

    def load():
        late.cancel()
        return pair(encoder, encoder)

    assert measured(preview, load, late) is None
    assert encoder.asked == 0


def test_the_newest_encoder_is_loaded_once_beside_the_one_the_run_began_with(tmp_path):
    directory, record = new_run(tmp_path / "a-run", small_recipe())
    begun = save(directory, record, FACTS, 5, shift=0.0).encoder().eval()
    save(directory, record, FACTS, 9, shift=0.1)
    encoders = Encoders()
    loaded = encoders.load(directory.path, 9)
    assert (loaded.run, loaded.step, loaded.trained.image_size) == ("a-run", 9, 16)
    assert encoders.load(directory.path, 9) is loaded
    images = torch.rand(4, 3, 16, 16)
    with torch.no_grad():
        expected = load_encoder(directory.path)(images)
        assert torch.equal(loaded.trained(images), expected)
        assert torch.equal(loaded.untrained(images), begun(images))
        assert not torch.allclose(expected, begun(images), atol=1e-3)
    save(directory, record, FACTS, 12, shift=0.2)
    newer = encoders.load(directory.path, 12)
    assert newer.step == 12
    assert newer.untrained is loaded.untrained, "the run began only once"


def test_a_checkpoint_that_cannot_be_used_is_not_read_again_and_again(tmp_path):
    directory, record = new_run(tmp_path / "run", small_recipe())
    encoders = Encoders()
    with pytest.raises(ValueError, match="no checkpoint yet"):
        encoders.load(directory.path, 3)
    save(directory, record, FACTS, 4)
    with pytest.raises(ValueError, match="no checkpoint yet"):
        encoders.load(directory.path, 3)
    assert encoders.load(directory.path, 4).step == 4
    with pytest.raises(ValueError, match="not a run directory"):
        encoders.load(tmp_path / "elsewhere", 1)


def test_images_that_an_encoder_cannot_see_are_refused_by_name(tmp_path, sample):
    directory, record = new_run(tmp_path / "run", small_recipe())
    save(directory, record, FACTS, 4)
    grey = replace(sample, image=sample.image[:, :1])
    shown = render(Wish(contrastive_views(16, 1), 0, 0, "view_a"), grey)
    with pytest.raises(ValueError, match="made for 3 channels, the images have 1"):
        measured(shown, lambda: Encoders().load(directory.path, 4), ticket())
