"""Vision Transformers: patches, positions, attention, and timm's weights in our own network."""

import math

import pytest
import torch

from sslcore.nets import vit


def network(name="vit_mini", channels=3, size=16, width=8, seed=0):
    torch.manual_seed(seed)
    return vit.build(name, channels, size, width).eval()


def images(size=16, count=2, channels=3, dtype=torch.float32):
    generator = torch.Generator().manual_seed(1)
    return torch.rand(count, channels, size, size, generator=generator, dtype=dtype)


def plain_attention(module, tokens):
    """One image, one head and one token at a time."""
    count, dimensions = tokens.shape
    each = dimensions // module.heads
    weight, bias = module.qkv.weight, module.qkv.bias
    out = torch.zeros_like(tokens)
    weights = torch.zeros(module.heads, count, count, dtype=tokens.dtype)
    for head in range(module.heads):
        rows = slice(head * each, (head + 1) * each)
        q, k, v = (
            tokens @ part[rows].T + shift[rows]
            for part, shift in zip(weight.chunk(3), bias.chunk(3), strict=True)
        )
        for i in range(count):
            scores = torch.stack([(q[i] * k[j]).sum() / math.sqrt(each) for j in range(count)])
            weights[head, i] = scores.exp() / scores.exp().sum()
            out[i, rows] = sum(weights[head, i, j] * v[j] for j in range(count))
    return out @ module.proj.weight.T + module.proj.bias, weights


def test_attention_is_that_of_a_plain_loop():
    torch.manual_seed(0)
    module = vit.Attention(12, 3).double()
    tokens = torch.randn(2, 5, 12, dtype=torch.float64)
    for row in range(2):
        expected, weights = plain_attention(module, tokens[row])
        torch.testing.assert_close(module(tokens)[row], expected, rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(module.weights(tokens)[row], weights, rtol=1e-9, atol=1e-12)


def test_positions_are_waves_over_rows_and_columns():
    found = vit.positions((3, 5), 8)
    for row in range(3):
        for column in range(5):
            expected = [
                wave(place * 10_000 ** (-k / 2))
                for place in (row, column)
                for wave in (math.sin, math.cos)
                for k in range(2)
            ]
            torch.testing.assert_close(found[5 * row + column], torch.tensor(expected))


def test_positions_of_another_grid_are_stretched_over_the_trained_one():
    coarse, fine = vit.positions((2, 2), 16, (4, 4)), vit.positions((8, 8), 16, (4, 4))
    torch.testing.assert_close(vit.positions((4, 4), 16, (4, 4)), vit.positions((4, 4), 16))
    # The middle of a 2 x 2 patch lies between the middles of the 4 x 4 ones: at 0.5 and 2.5.
    assert coarse[0, 0].item() == pytest.approx(math.sin(0.5))
    assert coarse[3, 0].item() == pytest.approx(math.sin(2.5))
    assert fine[-1, 0].item() == pytest.approx(math.sin(3.25))
    assert vit.positions((2, 3), 6)[:, 4:].eq(0).all()  # what four does not divide stays empty


@pytest.mark.parametrize(
    ("size", "patch", "side"), [(16, 4, 4), (32, 4, 8), (64, 8, 8), (96, 8, 12), (224, 16, 14)]
)
def test_the_patch_follows_the_size_of_the_images(size, patch, side):
    made = network(size=size)
    assert made.patch == vit.patch_size(size) == patch
    with torch.no_grad():
        assert made.features(images(size, 1)).shape == (1, 32, side, side)


@pytest.mark.parametrize(("size", "side"), [(8, 2), (18, 5), (30, 8)])
def test_crops_of_other_sizes_pass(size, side):
    features = network(size=16).features(images(size))
    assert features.shape == (2, 32, side, side)
    assert features.isfinite().all()


@pytest.mark.parametrize(
    ("name", "dimensions", "depth", "count", "weights"),
    [("vit_mini", 128, 4, 4, 8e5), ("vit_tiny", 192, 12, 3, 5.5e6), ("vit_small", 384, 12, 6, 2e7)],
)
def test_sizes_are_those_of_their_names(name, dimensions, depth, count, weights):
    with torch.device("meta"):
        made = vit.build(name, 3, 224, 32)
    assert (made.dimensions, len(made.blocks), made.blocks[0].attn.heads) == (
        dimensions,
        depth,
        count,
    )
    assert sum(one.numel() for one in made.parameters()) == pytest.approx(weights, rel=0.2)


def test_features_are_tokens_in_reading_order():
    made = network()
    features, tokens = made.features(images()), made.tokens(images())
    for row in range(4):
        for column in range(4):
            assert torch.equal(features[:, :, row, column], tokens[:, 4 * row + column])


def test_kept_patches_know_nothing_of_the_others():
    made = network()
    keep = torch.tensor([[0, 1, 5], [15, 2, 3]])
    kept = made.tokens(images(), keep)
    assert kept.shape == (2, 3, 32)
    changed = images()
    changed[0, :, 8:] = 0.0  # patches 8 to 15 of the first image
    changed[1, :, 4:12] = 0.0  # patches 4 to 11 of the second
    assert torch.equal(made.tokens(changed, keep), kept)
    assert not torch.allclose(made.tokens(changed), made.tokens(images()))
    whole = torch.arange(16).repeat(2, 1)
    torch.testing.assert_close(made.tokens(images(), whole), made.tokens(images()))


def test_the_order_of_kept_patches_does_not_matter():
    made = network().double()
    data = images(dtype=torch.float64)
    keep = torch.tensor([[3, 9, 14, 0], [1, 2, 4, 8]])
    order = torch.tensor([2, 0, 3, 1])
    torch.testing.assert_close(
        made.tokens(data, keep[:, order]), made.tokens(data, keep)[:, order], rtol=1e-9, atol=1e-12
    )


def test_the_place_of_a_patch_matters():
    made = network()
    flat = torch.full((1, 3, 16, 16), 0.3)
    tokens = made.tokens(flat)[0]
    assert torch.cdist(tokens, tokens).fill_diagonal_(1.0).min() > 1e-3


def test_attention_is_that_of_the_last_block():
    made = network()
    seen = []
    handle = made.blocks[-1].norm1.register_forward_hook(lambda *args: seen.append(args[2]))
    made.tokens(images())
    handle.remove()
    found = made.attention(images())
    assert found.shape == (2, 1, 16, 16)
    torch.testing.assert_close(found, made.blocks[-1].attn.weights(seen[0]))
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 1, 16))


def test_every_weight_gets_a_gradient():
    made = network(channels=1)
    made.features(images(channels=1)).square().mean().backward()
    assert all(one.grad is not None for one in made.parameters())
    assert next(made.parameters()).grad.abs().max() > 0


def test_heads_divide_any_width():
    assert [vit.heads(d, 32) for d in (16, 32, 100, 128, 192)] == [1, 1, 2, 4, 6]
    assert all((4 * width) % vit.heads(4 * width, 32) == 0 for width in range(4, 513))


def test_mixed_precision_stays_near():
    made = network()
    exact = made.features(images())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = made.features(images())
    torch.testing.assert_close(rounded.float(), exact, rtol=0.1, atol=0.1)


@pytest.mark.parametrize("name", ["vit_tiny", "vit_small"])
def test_weights_are_called_and_work_as_those_of_timm(name):
    timm = pytest.importorskip("timm")
    theirs = timm.create_model(
        f"{name}_patch16_224", num_classes=0, class_token=False, global_pool="", img_size=160
    ).eval()
    ours = network(name, size=160)
    places = vit.positions((10, 10), ours.dimensions)
    theirs.load_state_dict({**ours.state_dict(), "pos_embed": places[None]})
    with torch.no_grad():
        torch.testing.assert_close(theirs(images(160)), ours.tokens(images(160)))
