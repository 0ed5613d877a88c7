"""CLIP: the loss by hand, words, the learned scale."""

import math
from dataclasses import replace

import pytest
import torch

from sslcore.batch import Batch
from sslcore.config import ConfigError
from sslcore.methods.clip import symmetric_cross_entropy
from tests.sslcore.methods.steps import clock, facts, make, make_batch, train

KEY = "clip"


def plain(x, t, scale):
    """Both halves of the loss in loops over Python floats."""

    def unit(row):
        length = math.sqrt(sum(value**2 for value in row))
        return [value / length for value in row]

    x, t = [unit(row) for row in x.tolist()], [unit(row) for row in t.tolist()]

    def half(queries, keys):
        total = 0.0
        for i, query in enumerate(queries):
            scores = [scale * sum(a * b for a, b in zip(query, k, strict=True)) for k in keys]
            total += math.log(sum(math.exp(one) for one in scores)) - scores[i]
        return total / len(queries)

    return half(x, t), half(t, x)


@pytest.mark.parametrize("scale", [1.0, 14.3])
def test_the_loss_is_that_of_the_paper(scale):
    torch.manual_seed(0)
    x, t = torch.randn(2, 7, 5, dtype=torch.float64)
    found = symmetric_cross_entropy(x, t, torch.tensor(scale, dtype=torch.float64))
    for one, expected in zip(found, plain(x, t, scale), strict=True):
        assert one.item() == pytest.approx(expected, rel=1e-9)


def test_length_and_order_of_the_pairs_do_not_matter():
    x, t = torch.randn(2, 6, 4, dtype=torch.float64)
    scale, order = torch.tensor(5.0), torch.randperm(6)
    once = torch.stack(symmetric_cross_entropy(x, t, scale))
    torch.testing.assert_close(torch.stack(symmetric_cross_entropy(x * 7, t, scale)), once)
    shuffled = torch.stack(symmetric_cross_entropy(x[order], t[order], scale))
    torch.testing.assert_close(shuffled, once)
    swapped = torch.stack(symmetric_cross_entropy(t, x, scale)).flip(0)
    torch.testing.assert_close(swapped, once)


@pytest.mark.parametrize("fill", [0.0, 1.0, 1e4])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_degenerate_vectors_give_a_finite_loss(fill, dtype):
    x = torch.full((3, 4), fill, dtype=dtype)
    found = symmetric_cross_entropy(x, x, torch.tensor(100.0))
    assert [one.item() for one in found] == pytest.approx([math.log(3)] * 2)


def test_one_pair_has_nothing_to_be_told_from():
    with pytest.raises(ValueError, match="at least 2 images"):
        symmetric_cross_entropy(torch.ones(1, 4), torch.ones(1, 4), torch.tensor(1.0))
    with pytest.raises(ConfigError, match=r"schedule\.batch_size = 1"):
        make(KEY, known=facts(batch_size=1))


def test_the_scale_begins_at_one_over_t_learns_and_is_held_at_100():
    method = make(KEY, temperature=0.05)
    output = method.training_step(make_batch(method), clock())
    assert output.terms["scale"].item() == pytest.approx(20.0)
    output.loss.backward()
    assert method.log_scale.grad.abs() > 0
    with torch.no_grad():
        method.log_scale.fill_(9.0)
    method.after_step({}, clock())
    assert method.log_scale.exp().item() == pytest.approx(100.0)
    groups = {group.name: group for group in method.parameter_groups()}
    assert not groups["scale"].decays
    assert groups["scale"].parameters == [method.log_scale]
    assert groups["encoders"].decays


def test_captions_found_for_certain_reach_the_ceiling_of_the_bound():
    method = make(KEY, known=facts(batch_size=4), temperature=0.01)
    z = torch.eye(4, 8)
    batch = make_batch(method, count=4)
    bound = method.objective({"z_a": z, "z_b": z}, batch, clock()).terms["bound"].item()
    assert bound == pytest.approx(math.log(4), abs=1e-5)
    plan = method.default_views(method.config, method.facts)
    assert method.ceilings(plan) == {"bound": pytest.approx(math.log(4))}


def test_without_words_it_says_what_is_missing():
    assert make(KEY, known=replace(facts(), vocabulary_size=0)).text.words.num_embeddings == 2
    method = make(KEY)
    bare = replace(make_batch(method), tokens=None)
    with pytest.raises(ConfigError, match="needs captions"):
        method.project(bare, clock())
    with pytest.raises(ConfigError, match="must be a multiple of text_heads = 3"):
        make(KEY, text_heads=3)
    with pytest.raises(ConfigError, match="no vocabulary"):
        method.embed_sentences(["a star"])


def test_a_sentence_is_embedded_as_its_tokens_are():
    words = tuple(f"word{number}" for number in range(28))
    method = make(KEY, known=replace(facts(), vocabulary=words))
    found = method.embed_sentences(["Word3, word0!", "word27 nonsense", ""])
    assert found.shape == (3, 16)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(3))
    tokens = torch.tensor([[5, 2, 0], [29, 1, 0], [0, 0, 0]])
    method.eval()
    with torch.no_grad():
        expected = torch.nn.functional.normalize(method.text_head(method.text(tokens)))
    torch.testing.assert_close(found, expected)


def test_it_learns_which_caption_belongs_to_which_colour():
    known = facts(size=16)
    method = make(KEY, known=known, temperature=0.1)
    torch.manual_seed(1)
    colours = torch.rand(8, 1, 3, 1, 1)
    images = colours.expand(-1, -1, -1, 16, 16)
    tokens = torch.arange(2, 10)[:, None].repeat(1, 3)
    batch = Batch(torch.arange(8), {"image": images}, tokens=tokens)
    optimiser = torch.optim.AdamW(method.parameters(), 3e-3)
    for step in range(40):
        output = method.training_step(batch, clock(step))
        optimiser.zero_grad()
        output.loss.backward()
        optimiser.step()
        method.after_step(output.tensors, clock(step))
    assert output.terms["accuracy"].item() == 1.0
    assert output.loss.item() < 0.7 * math.log(8)


def test_several_crops_of_an_image_share_its_caption():
    method = make(KEY).eval()
    batch = make_batch(method, count=3)
    twice = replace(batch, views={"image": batch.views["image"].repeat(1, 2, 1, 1, 1)})
    once = method.project(batch, clock())
    both = method.project(twice, clock())
    torch.testing.assert_close(both["z_b"], once["z_b"].repeat_interleave(2, 0))
    torch.testing.assert_close(method.energy(twice), method.energy(batch))
    assert train(method, torch.optim.SGD(method.parameters(), 0.01), [0])
