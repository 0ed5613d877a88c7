"""Video colourisation: copying by hand, what the network may see, carrying masks along."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from sslcore.augment.colour_space import lab, srgb
from sslcore.batch import Batch
from sslcore.config import ConfigError
from sslcore.losses import pictures
from sslcore.method import CarriesMasks
from sslcore.methods.video_colorization import DOUBT, attention, copied, copy_error
from sslcore.nets.mode import evaluating
from tests.sslcore.methods.steps import clock, facts, make, make_batch

KEY = "video_colorization"


def test_attention_and_error_are_those_of_the_paper():
    torch.manual_seed(0)
    target = torch.randn(2, 3, 2, 2, dtype=torch.float64)
    references = torch.randn(2, 2, 3, 2, 2, dtype=torch.float64)
    known, true = torch.randint(0, 4, (2, 8)), torch.randint(0, 4, (2, 4))
    shares = attention(target, references, 0.7)
    found = copy_error(shares, known, true, 4)
    for n in range(2):
        for j in range(4):
            f_j = target[n, :, j // 2, j % 2].tolist()
            scores = []
            for i in range(8):
                frame, place = divmod(i, 4)
                f_i = references[n, frame, :, place // 2, place % 2].tolist()
                scores.append(math.exp(sum(a * b for a, b in zip(f_i, f_j, strict=True)) / 0.7))
            weights = [one / sum(scores) for one in scores]
            assert shares[n, j].tolist() == pytest.approx(weights, rel=1e-9)
            right = sum(w for w, c in zip(weights, known[n], strict=True) if c == true[n, j])
            expected = -math.log((1 - DOUBT) * right + DOUBT / 4)
            assert found[n, j].item() == pytest.approx(expected, rel=1e-9)


def test_copies_are_mixtures_and_the_order_of_references_does_not_matter():
    torch.manual_seed(0)
    target, references = torch.randn(1, 4, 3, 3), torch.randn(1, 3, 4, 3, 3)
    values = torch.rand(1, 27, 5)
    once = copied(attention(target, references, 1.0), values)
    order = [2, 0, 1]
    moved = values.unflatten(1, (3, 9))[:, order].flatten(1, 2)
    torch.testing.assert_close(copied(attention(target, references[:, order], 1.0), moved), once)
    assert once.min() >= values.min()
    assert once.max() <= values.max()


@pytest.mark.parametrize("scale", [0.0, 1e4])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_zero_large_and_half_precision_embeddings_stay_finite(scale, dtype):
    target = (torch.ones(1, 4, 2, 2) * scale).to(dtype)
    shares = attention(target, target[:, None], 1.0)
    assert shares.dtype == torch.float32
    never = copy_error(shares, torch.zeros(1, 4).long(), torch.ones(1, 4).long(), 16)
    torch.testing.assert_close(never, torch.full((1, 4), -math.log(DOUBT / 16)))


def test_the_network_sees_no_colour_and_the_target_is_the_last_frame():
    method = make(KEY).eval()
    batch = make_batch(method)
    colours = lab(0.4 + 0.2 * batch.views["frames"])
    frames = srgb(colours)
    batch = replace(batch, views={"frames": frames})
    places = method.project(batch, clock())["places"]
    assert places.shape[2] == 4, "three references and the target; the first of five is left out"
    other = frames.clone()
    other[:, 0] = 0.0
    same = replace(batch, views={"frames": other})
    assert torch.equal(method.project(same, clock())["places"], places)
    pale = srgb(torch.cat((colours[:, :, :1], -colours[:, :, 1:]), 2))
    assert (pale - frames).abs().mean() > 0.01
    seen = method.project(replace(batch, views={"frames": pale}), clock())["places"]
    torch.testing.assert_close(seen, places, atol=1e-3, rtol=1e-3)
    darker = replace(batch, views={"frames": frames * 0.5})
    assert not torch.allclose(method.project(darker, clock())["places"], places, atol=1e-2)


def test_a_scene_that_stands_still_is_copied_in_place():
    method = make(KEY, temperature=0.01)
    torch.manual_seed(0)
    still = torch.rand(4, 1, 3, 16, 16).expand(-1, 5, -1, -1, -1)
    output = method.training_step(Batch(torch.arange(4), {"frames": still}), clock())
    assert output.terms["copied in place"].item() == 1.0
    assert method.constants() == {"ln(colours)": math.log(16)}


def test_a_mask_is_carried_to_the_next_frame():
    method = make(KEY, temperature=0.5)
    assert isinstance(method, CarriesMasks)
    assert method.reference_frames() == 3
    torch.manual_seed(0)
    references, target = torch.rand(2, 3, 3, 16, 16), torch.rand(2, 3, 16, 16)
    masks = torch.rand(2, 3, 2, 16, 16)
    carried = method.propagate(references, masks, target)
    with evaluating(method):
        places = method._places(torch.cat((references, target[:, None]), 1))
    assert carried.shape == (2, 2, *places.shape[-2:])
    down, across = places.shape[-2:]
    for n, k in ((0, 0), (1, 1)):
        for j in range(down * across):
            f_j = places[n, -1, :, j // across, j % across]
            weighed, total = 0.0, 0.0
            for r in range(3):
                blocks = torch.nn.functional.adaptive_avg_pool2d(
                    masks[n, r, k][None], places.shape[-2:]
                )
                for i in range(down * across):
                    f_i = places[n, r, :, i // across, i % across]
                    weight = math.exp(float(f_i @ f_j) / 0.5)
                    weighed += weight * blocks[0, i // across, i % across].item()
                    total += weight
            assert carried[n, k, j // across, j % across].item() == pytest.approx(
                weighed / total, rel=1e-3
            )
    sharper = method.propagate(references, masks, target, temperature=0.05)
    assert not torch.allclose(sharper, carried, atol=1e-3)
    again = method.propagate(references, masks, target, temperature=0.5)
    torch.testing.assert_close(again, carried)


def test_where_a_place_looks_is_shown_when_a_snapshot_is_asked_for():
    method = make(KEY)
    batch = make_batch(method)
    shown = method.training_step(batch, clock(snapshot=True)).diagnostics["attention"]
    with torch.no_grad():
        places = method.project(batch, clock())["places"].flatten(0, 1)
    rows, columns = places.shape[-2:]
    shares = attention(places[:, -1], places[:, :-1], method.config.temperature)
    assert shown.grid == (rows, columns)
    assert shown.key_names == ("reference 1", "reference 2", "last reference")
    for n, p, r, q in ((0, 0, 0, 0), (3, rows * columns - 1, 2, 1)):
        expected = shares[n, p, r * rows * columns + q].item()
        assert shown.shares[n, p, r, q] == pytest.approx(expected, abs=2e-3)
    frames = batch.views["frames"]
    assert np.array_equal(shown.queries, pictures.pixels(frames[:, -1]))
    assert np.array_equal(shown.keys[:, 0], pictures.pixels(frames[:, -4]))
    assert shown.ids.tolist() == batch.index.tolist()
    assert not method.training_step(batch, clock()).diagnostics


def test_too_few_frames_and_grey_images_are_refused():
    method = make(KEY, known=replace(facts(), frames=3))
    batch = Batch(torch.arange(1), {"frames": torch.rand(1, 3, 3, 16, 16)})
    with pytest.raises(ConfigError, match=r"data\.frames = 3: .* at least 4 frames"):
        method.project(batch, clock())
    with pytest.raises(ConfigError, match=r"needs colour images.*frame_prediction"):
        make(KEY, known=facts(channels=1))


def test_one_image_and_equal_frames_still_give_a_finite_loss():
    method = make(KEY)
    flat = torch.full((1, 5, 3, 16, 16), 0.5)
    output = method.training_step(Batch(torch.arange(1), {"frames": flat}), clock(snapshot=True))
    assert output.loss.isfinite()
