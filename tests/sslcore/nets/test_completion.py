"""The network that completes: what it may look at, and that places matter."""

import pytest
import torch

from sslcore.nets import vit
from sslcore.nets.completion import Completion


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Completion(12, 16, 2).double()


TOKENS = torch.randn(2, 3, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
SEEN = torch.tensor([[0, 5, 8], [2, 3, 11]])
WANTED = torch.tensor([[1, 2, 3, 4], [0, 1, 5, 7]])


def test_it_is_a_transformer_over_known_tokens_and_places(network):
    places = vit.positions((3, 4), 16)
    for row in range(2):
        known = [network.embed(TOKENS[row, k]) + places[SEEN[row, k]] for k in range(3)]
        asked = [network.mask_token + places[WANTED[row, m]] for m in range(4)]
        joint = torch.stack(known + asked)[None]
        for block in network.blocks:
            joint = block(joint)
        expected = network.norm(joint)[0, 3:]
        found = network(TOKENS, SEEN, WANTED, (3, 4))
        assert found.shape == (2, 4, 16)
        torch.testing.assert_close(found[row], expected, rtol=1e-9, atol=1e-12)


def test_the_order_of_what_was_seen_does_not_matter(network):
    order = torch.tensor([2, 0, 1])
    torch.testing.assert_close(
        network(TOKENS[:, order], SEEN[:, order], WANTED, (3, 4)),
        network(TOKENS, SEEN, WANTED, (3, 4)),
        rtol=1e-9,
        atol=1e-12,
    )


def test_what_comes_out_follows_the_order_of_what_was_wanted(network):
    order = torch.tensor([3, 1, 0, 2])
    torch.testing.assert_close(
        network(TOKENS, SEEN, WANTED[:, order], (3, 4)),
        network(TOKENS, SEEN, WANTED, (3, 4))[:, order],
        rtol=1e-9,
        atol=1e-12,
    )


def test_places_and_tokens_matter(network):
    found = network(TOKENS, SEEN, WANTED, (3, 4))
    assert not torch.allclose(found[:, 0], found[:, 1])
    assert not torch.allclose(found, network(TOKENS, SEEN + 1 - 2 * (SEEN > 5), WANTED, (3, 4)))
    assert not torch.allclose(found, network(TOKENS.flip(0), SEEN, WANTED, (3, 4)))


@pytest.mark.parametrize("width", [16, 18, 33, 96])
def test_any_width_will_do_and_every_weight_gets_a_gradient(width):
    network = Completion(12, width, 1)
    network(TOKENS.float(), SEEN, WANTED, (3, 4)).square().sum().backward()
    assert all(one.grad.isfinite().all() for one in network.parameters())
    assert network.mask_token.grad.abs().max() > 0
