"""Masked tokens: the vocabulary, what is asked, what it shows."""

import math

import numpy as np
import pytest
import torch

from sslcore.augment.geometric import whole
from sslcore.config import ConfigError
from sslcore.methods.masked_tokens import frequency_entropy, word_loss
from sslcore.nets.patches import patchify
from tests.sslcore.methods.steps import clock, facts, make, make_batch, make_sample, small_config

KEY = "masked_tokens"


def small(**values):
    return make(KEY, **{"words": 12, **values})


def test_the_loss_is_that_of_a_plain_loop():
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(2, 3, 7, generator=generator, dtype=torch.float64) * 4
    words = torch.randint(7, (2, 3), generator=generator)
    found = word_loss(scores, words)
    for image in range(2):
        for number in range(3):
            row = scores[image, number].tolist()
            total = sum(math.exp(one) for one in row)
            plain = -math.log(math.exp(row[words[image, number]]) / total)
            assert found[image, number].item() == pytest.approx(plain, rel=1e-9)
    torch.testing.assert_close(word_loss(scores + 5.0, words), found, rtol=1e-9, atol=0)
    with pytest.raises(ValueError, match="need one word each"):
        word_loss(scores, words[:, :2])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("scale", [0.0, 1e4])
def test_odd_scores_give_a_finite_loss_and_gradient(dtype, scale):
    scores = (torch.randn(1, 4, 9) * scale).to(dtype).requires_grad_()
    loss = word_loss(scores, torch.zeros(1, 4, dtype=torch.int64)).mean()
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.isfinite()
    assert scores.grad.isfinite().all()


def test_the_entropy_of_frequencies():
    words = torch.tensor([[3, 3], [0, 7]])
    plain = -(0.5 * math.log(0.5) + 2 * 0.25 * math.log(0.25))
    assert frequency_entropy(words).item() == pytest.approx(plain, rel=1e-6)
    assert frequency_entropy(torch.full((5,), 2)) == 0


def test_words_are_means_of_patches_and_the_same_every_time():
    one, other = small(), small(seed=5)
    assert torch.equal(one.words, other.words)
    samples = [make_sample(one, seed=90), make_sample(one, seed=91)]
    patches = torch.cat([patchify(whole(s.image, 16), 4).flatten(0, 1) for s in samples])
    nearest = torch.cdist(patches.double(), one.words.double()).argmin(1)
    assert len(nearest.unique()) == 12
    for word in range(12):
        expected = patches[nearest == word].mean(0)
        torch.testing.assert_close(one.words[word], expected, atol=0.05, rtol=0)


def test_a_tiny_folder_has_fewer_words_than_asked_for():
    method = small(words=600)  # of 2 x 8 x 16 = 256 patches
    assert method.words.isfinite().all()
    assert len(method.words.unique(dim=0)) <= 256
    assert method.training_step(make_batch(method), clock(snapshot=True)).loss.isfinite()


def test_hidden_patches_are_asked_for_their_nearest_word():
    method = small()
    batch = make_batch(method)
    hidden = batch.truth["masked/blockwise_mask"][:, 0]
    assert hidden.sum(1).tolist() == [6] * 8  # 40 % of 16
    rows = patchify(batch.view("whole"), 4)
    scores = torch.full((8, 6, 12), 0.0)
    for image in range(8):
        for place, number in enumerate(hidden[image].nonzero()[:, 0].tolist()):
            distances = [(rows[image, number] - word).square().sum() for word in method.words]
            scores[image, place, int(torch.stack(distances).argmin())] = 30.0
    output = method.objective({"scores": scores}, batch, clock())
    assert output.loss < 1e-6
    assert output.terms["accuracy"] == 1
    wrong = method.objective({"scores": -scores}, batch, clock())
    assert wrong.terms["accuracy"] == 0
    flat = method.objective({"scores": scores * 0}, batch, clock()).loss
    assert flat.item() == pytest.approx(method.constants()["ln(words)"])


def test_the_network_does_not_see_what_is_hidden():
    method = small()
    batch = make_batch(method)
    before = method.project(batch, clock())["scores"]
    batch.views["whole"].zero_()
    assert torch.equal(method.project(batch, clock())["scores"], before)


def test_it_learns_to_guess():
    method = small()
    batch = make_batch(method)
    optimiser = torch.optim.AdamW(method.parameters(), 3e-3)
    before = method.energy(batch).mean()
    for _ in range(40):
        optimiser.zero_grad()
        method.training_step(batch, clock()).loss.backward()
        optimiser.step()
    assert method.energy(batch).mean() < 0.7 * before


def test_the_grid_paints_words_where_patches_were_hidden():
    method = small()
    batch = make_batch(method)
    scores = torch.zeros(8, 6, 12)
    scores[..., 4] = 50.0  # sure of word 4
    scores[3] = 0.0  # but in one image it knows nothing
    shown = method.objective({"scores": scores}, batch, clock(snapshot=True)).diagnostics["guesses"]
    assert shown.rows == ("masked", "most likely words", "true words", "original", "unsure")
    assert shown.ids.tolist() == batch.index.tolist()
    hidden = batch.truth["masked/blockwise_mask"][:, 0].view(8, 4, 4).numpy()
    hidden = hidden.repeat(4, 1).repeat(4, 2)
    for row in (1, 2):
        assert np.array_equal(shown.images[row][~hidden], shown.images[3][~hidden])
    word = (method.words[4].view(4, 4, 3) * 255).round().byte().numpy()
    row, down, across = np.argwhere(hidden[:, ::4, ::4])[0]
    patch = shown.images[1][row, 4 * down : 4 * down + 4, 4 * across : 4 * across + 4]
    assert np.array_equal(patch, word)
    assert (shown.images[4][3][hidden[3]] == 255).all()
    assert shown.images[4][[0, 1, 2, 4, 5, 6, 7]].max() == 0


def test_a_batch_of_one_and_few_patches_work():
    method = small(known=facts(size=8), words=4)
    assert method.training_step(make_batch(method, count=1), clock()).loss.isfinite()


def test_what_cannot_work_is_refused():
    with pytest.raises(ConfigError, match=r"Masked tokens works on the patches.*vit_mini"):
        small(backbone="resnet_small")
    with pytest.raises(ConfigError, match="words = 1"):
        small_config(KEY, words=1)
    method = small(known=facts(size=8), mask_ratio=0.95)  # of 4 patches all are hidden: allowed
    assert method.training_step(make_batch(method), clock()).loss.isfinite()
