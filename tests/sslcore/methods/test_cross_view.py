"""Cross-view prediction: measures, classes and colours, holes and void, against plain loops."""

import math

import numpy as np
import pytest
import torch

from sslcore.batch import Batch, Sample
from sslcore.config import ConfigError
from sslcore.methods.cross_view import (
    class_colours,
    class_error,
    class_places,
    distance,
    per_image,
)
from sslcore.nets.colour_encoder import LightnessEncoder
from tests.sslcore.methods.steps import clock, facts, make, make_batch

KEY = "cross_view"
IMAGES_ONLY = type(facts())(64, 3, 16, 8, 10)


def samples(target, count=2):
    """The same target in several batches."""
    images = torch.rand(len(target), 3, *target.shape[-2:])
    return [Sample(torch.arange(len(target)), images, target=target) for _ in range(count)]


def batch_of(target):
    generator = torch.Generator().manual_seed(5)
    images = torch.rand(len(target), 1, 3, 16, 16, generator=generator)
    return Batch(torch.arange(len(target)), {"input": images}, target)


def depths(count=4, dtype=torch.float64):
    """In millimetres, with holes."""
    generator = torch.Generator().manual_seed(2)
    metres = 1 + 3 * torch.rand(count, 1, 16, 16, generator=generator, dtype=dtype)
    holes = torch.rand(count, 1, 16, 16, generator=generator) < 0.2
    return torch.where(holes, 0.0, 1000 * metres)


def labels(count=4):
    """Classes 0, 7 and 200, and 255 for void."""
    generator = torch.Generator().manual_seed(3)
    numbers = torch.tensor([0, 7, 200, 255])
    return numbers[torch.randint(0, 4, (count, 1, 16, 16), generator=generator)]


def test_measures_are_scored_in_units_of_their_spread_and_holes_are_not():
    depth = depths()
    method = make(KEY)
    method.prepare(samples(depth))
    method.double()
    known = [one for one in depth.flatten().tolist() if one > 0]
    mean = sum(known) / len(known)
    spread = sum(abs(one - mean) for one in known) / len(known)
    assert method.mean[0].item() == pytest.approx(mean, rel=1e-6)
    assert method.scale[0].item() == pytest.approx(spread, rel=1e-6)
    mean, spread = method.mean[0].item(), method.scale[0].item()
    torch.manual_seed(0)
    raw = torch.randn(4, 64, 16, 16, dtype=torch.float64)
    errors, distances = [], []
    for said, true in zip(raw[:, 0], depth[:, 0], strict=True):
        pairs = list(zip(said.flatten().tolist(), true.flatten().tolist(), strict=True))
        errors.append(np.mean([abs(r - (d - mean) / spread) for r, d in pairs if d > 0]))
        distances.append(np.mean([abs(mean + spread * r - d) for r, d in pairs if d > 0]))
    output = method.objective({"raw": raw}, batch_of(depth), clock())
    assert output.loss.item() == pytest.approx(np.mean(errors), rel=1e-9)
    assert output.terms["distance"].item() == pytest.approx(np.mean(distances), rel=1e-6)


def test_the_mean_everywhere_costs_one():
    depth = depths()
    method = make(KEY)
    method.prepare(samples(depth))
    loss = method.objective({"raw": torch.zeros(4, 64, 16, 16)}, batch_of(depth), clock()).loss
    assert loss.item() == pytest.approx(method.constants()["1 (the mean everywhere)"], rel=0.02)


def test_zeros_count_where_one_says_so():
    depth = depths()
    method = make(KEY, zero_is_missing=False)
    method.prepare(samples(depth))
    assert method.mean[0].item() == pytest.approx(depth.mean().item(), rel=1e-6)


def test_classes_are_scored_by_cross_entropy_and_void_is_not():
    classes = labels()
    method = make(KEY)
    method.prepare(samples(classes))
    table = [0, 7, 200]
    assert method.values[:3].tolist() == table
    torch.manual_seed(0)
    raw = torch.randn(4, 64, 16, 16, dtype=torch.float64)
    errors, right = [], []
    for scores, true in zip(raw, classes[:, 0], strict=True):
        costs, hits = [], []
        for row in range(16):
            for column in range(16):
                if true[row, column] == 255:
                    continue
                said = scores[:3, row, column].tolist()
                place = table.index(int(true[row, column]))
                total = math.log(sum(math.exp(one) for one in said))
                costs.append(total - said[place])
                hits.append(said[place] == max(said))
        errors.append(np.mean(costs))
        right.append(np.mean(hits))
    output = method.objective({"raw": raw}, batch_of(classes), clock(snapshot=True))
    assert output.loss.item() == pytest.approx(np.mean(errors), rel=1e-9)
    assert output.terms["accuracy"].item() == pytest.approx(np.mean(right), rel=1e-9)
    assert method.constants() == {"ln K (guessing)": pytest.approx(math.log(3))}


def test_a_class_that_prepare_never_saw_does_not_count():
    method = make(KEY)
    method.prepare(samples(labels()))
    raw = torch.randn(4, 64, 16, 16)
    known = labels()
    strange = known.clone()
    strange[:, :, :8] = 33
    void = known.clone()
    void[:, :, :8] = 255
    losses = [
        method.objective({"raw": raw}, batch_of(one), clock()).loss for one in (strange, void)
    ]
    assert losses[0] == losses[1]


def test_without_pairs_colours_are_predicted_from_lightness():
    method = make(KEY, known=IMAGES_ONLY)
    assert isinstance(method.encoder(), LightnessEncoder)
    batch = make_batch(method)
    colours = batch.views["input"][:, 0]
    perfect = torch.zeros(8, 64, 16, 16)
    perfect[:, :3] = (colours - method.mean[:3, None, None]) / method.scale[:3, None, None]
    output = method.objective({"raw": perfect}, batch, clock(snapshot=True))
    assert output.loss < 1e-5
    grid = output.diagnostics["predictions"]
    assert np.abs(grid.images[1].astype(int) - grid.images[2]).max() <= 1
    assert np.ptp(grid.images[0].astype(int), axis=-1).max() <= 1
    wanted = make(KEY, target="colour")
    assert not wanted.paired
    assert make(KEY, target="pair").paired


@pytest.mark.parametrize(
    "target", [depths(dtype=torch.float32), labels(), torch.rand(4, 3, 16, 16)]
)
def test_it_learns_any_kind_of_target(target):
    method = make(KEY)
    method.prepare(samples(target))
    batch = batch_of(target)
    optimiser = torch.optim.Adam(method.parameters(), 1e-2)
    before = method.energy(batch).mean()
    for _ in range(25):
        output = method.training_step(batch, clock(snapshot=True))
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
    assert method.energy(batch).mean() < before


def test_what_was_learned_of_the_targets_is_saved():
    method = make(KEY)
    method.prepare(samples(labels()))
    again = make(KEY, seed=1)
    again.load_state_dict(method.state_dict())
    assert again.constants() == method.constants()
    assert again.energy(batch_of(labels())).isfinite().all()


def test_images_without_a_measured_pixel_and_single_images_stay_finite():
    method = make(KEY)
    method.prepare(samples(depths()))
    depth = depths().float()
    depth[0] = 0.0
    depth[1, 0, 0, 0] = torch.inf
    output = method.training_step(batch_of(depth), clock(snapshot=True))
    assert output.loss.isfinite()
    assert method.energy(batch_of(depth))[0] == 0
    assert method.training_step(batch_of(depth[:1]), clock()).loss == 0
    assert method.training_step(batch_of(1e4 * depths().float()), clock()).loss.isfinite()


def test_the_parts_of_the_loss():
    values = torch.tensor([3, 7, 2**63 - 1])
    numbers = torch.tensor([[[3, 7], [5, 2**63 - 1]]])
    assert class_places(numbers[..., :1, :], values).tolist() == [[[0, 1]]]
    assert class_places(torch.tensor([[[5, 0]]]), values).tolist() == [[[-1, -1]]]
    shown = class_colours(torch.tensor([[[0, 1, 2, -1]]]))
    assert shown[0, :, 0, 3].tolist() == [0, 0, 0]
    assert torch.cdist(shown[0, :, 0, :3].T, shown[0, :, 0, :3].T).fill_diagonal_(1).min() > 0.2
    error = torch.tensor([[[1.0, torch.nan]], [[5.0, 7.0]]])
    assert per_image(error, torch.tensor([[[True, False]], [[False, False]]])).tolist() == [
        1.0,
        0.0,
    ]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("scale", [0.0, 1e4])
def test_errors_of_half_precision_are_finite_and_those_of_the_same_numbers_in_full(dtype, scale):
    torch.manual_seed(0)
    said, wanted = (scale * torch.randn(2, 2, 3, 4, 4)).to(dtype)
    place = torch.randint(-1, 3, (2, 4, 4))
    for error, other in ((distance, wanted), (class_error, place)):
        raw = said.clone().requires_grad_()
        found = error(raw, other)
        found.mean().backward()
        assert found.dtype == torch.float32
        assert found.isfinite().all()
        assert raw.grad.isfinite().all()
        full = other.double() if other.is_floating_point() else other
        torch.testing.assert_close(found.double(), error(raw.double(), full), rtol=1e-5, atol=1e-6)
    assert (class_error(said, place)[place == -1] == 0).all()


@pytest.mark.parametrize(
    ("settings", "known", "target", "message"),
    [
        ({"target": "pair"}, IMAGES_ONLY, None, r"no pairs.*method\.target = 'colour'"),
        ({"target": "colour"}, facts(channels=1), None, "have none; choose denoising_autoencoder"),
        ({"loss": "cross_entropy"}, None, depths(), r"measures, not class numbers; set it to 'l1'"),
        ({"classes": 4}, None, torch.arange(1024).reshape(4, 1, 16, 16), r"hold 1023 different"),
        ({}, None, torch.zeros(4, 1, 16, 16), "no target has a single"),
        ({}, None, torch.rand(4, 5, 16, 16), "measures cannot have 5 channels"),
        ({}, None, "none", r"method\.target = 'pair': these images have no targets"),
    ],
)
def test_what_a_folder_cannot_serve_is_refused(settings, known, target, message):
    def attempt():
        method = make(KEY, known=known, **settings)
        if isinstance(target, str):
            method.prepare([Sample(torch.arange(1), torch.rand(1, 3, 16, 16))])
        elif target is not None:
            method.prepare(samples(target))

    with pytest.raises(ConfigError, match=message):
        attempt()


def test_empty_folders_other_shapes_and_unprepared_methods_are_refused():
    with pytest.raises(ConfigError, match=r"data\.folder: no image"):
        make(KEY).prepare([])
    with pytest.raises(ValueError, match="differ in shape"):
        distance(torch.rand(1, 1, 4, 4), torch.rand(1, 3, 4, 4))
    method = make(KEY)
    method.channels.zero_()
    with pytest.raises(ValueError, match=r"prepare\(\) has not seen"):
        method.training_step(make_batch(method), clock())
