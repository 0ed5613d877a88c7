"""Micro-batches give the gradients of the whole batch; random numbers repeat."""

from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from sslcore.batch import Batch
from sslcore.engine.propagation import Propagation
from sslcore.method import Clock, DataFacts, Method, StepOutput, find
from sslcore.nets.encoder import Encoder
from tests.sslcore.engine.test_optimisation import Groups

FACTS = DataFacts(count=40, channels=3, image_size=8, batch_size=10, total_steps=10)
FABRIC = Fabric(accelerator="cpu", devices=1)


class Plain(nn.Module):
    """A backbone without batch norm, in float64."""

    dimensions = 6

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 6, 3)

    def features(self, images: Tensor) -> Tensor:
        return self.convolution(images).tanh()


def batch(count: int = 10) -> Batch:
    generator = torch.Generator().manual_seed(1)
    views = {
        name: torch.rand(count, 1, 3, 8, 8, generator=generator) for name in ("view_a", "view_b")
    }
    return Batch(torch.arange(count), {**views, "view": views["view_a"]})


def clock(step: int = 3) -> Clock:
    return Clock(step, 10, 0.3, False, torch.Generator())


def gradients(method: Method[Any], accumulate: int) -> tuple[StepOutput, dict[str, Tensor]]:
    method.zero_grad()
    output = Propagation(method, FABRIC, accumulate, seed=5).run(batch(), clock())
    return output, {
        name: one.grad.clone() for name, one in method.named_parameters() if one.grad is not None
    }


@pytest.mark.parametrize("accumulate", [2, 3, 10, 64])
def test_gradient_caching_is_one_big_batch(accumulate: int) -> None:
    torch.manual_seed(0)
    simclr = find("simclr")
    settings = {"head_hidden": 8, "head_output": 4, "head_layers": 1}
    method = simclr(
        simclr.card.config.parse(settings), Encoder(Plain(), [0.5] * 3, [0.3] * 3), FACTS
    )
    assert not any(isinstance(one, nn.BatchNorm1d) for one in method.modules())
    whole, expected = gradients(method, 1)
    parts, found = gradients(method, accumulate)
    assert found.keys() == expected.keys()
    torch.testing.assert_close(parts.loss, whole.loss)
    torch.testing.assert_close(dict(parts.terms), dict(whole.terms))
    torch.testing.assert_close(dict(parts.tensors), dict(whole.tensors))
    for name, one in expected.items():
        torch.testing.assert_close(found[name], one, rtol=1e-4, atol=1e-7)


class Mean(Groups):
    """A loss that is a mean over images."""

    coupled = False

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        return {"z": self.head[0](self.online.backbone(batch.view("view")).mean((2, 3)))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        loss = projected["z"].square().sum(1).mean() * self.temperature
        return StepOutput(loss, {"part": loss.detach()}, tensors={"z": projected["z"].detach()})


def test_uncoupled_losses_are_averaged_by_size() -> None:
    torch.manual_seed(0)
    method = Mean()
    whole, expected = gradients(method, 1)
    parts, found = gradients(method, 4)  # micro-batches of 2 and 3
    torch.testing.assert_close(parts.loss, whole.loss)
    torch.testing.assert_close(dict(parts.terms), dict(whole.terms))
    torch.testing.assert_close(parts.tensors["z"], whole.tensors["z"])
    torch.testing.assert_close(found, expected)


class Noisy(Groups):
    """Draws from the clock, from torch and through batch norm, and remembers what."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[tuple[float, float]] = []

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        own = torch.rand((), generator=clock.generator).item()
        self.drawn.append((own, torch.rand(()).item()))
        return {"z": self.head(self.online.backbone(batch.view("view")).mean((2, 3)))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        return StepOutput((projected["z"] @ projected["z"].T).square().mean())


def test_both_passes_draw_alike_and_count_once() -> None:
    torch.manual_seed(0)
    method = Noisy()
    Propagation(method, FABRIC, 2, seed=5).run(batch(), clock())
    first, second, *again = method.drawn
    assert again == [first, second]
    assert first != second
    norm = method.head[1]
    assert norm.num_batches_tracked == 2
    other = Noisy()
    other.load_state_dict({**Noisy().state_dict(), **dict(method.named_parameters())})
    for part in (batch().rows(0, 5), batch().rows(5, 10)):
        other.project(part, clock())
    torch.testing.assert_close(norm.running_mean, other.head[1].running_mean)


def test_draws_depend_on_seed_and_step_only() -> None:
    drawn: list[tuple[float, float]] = []
    for seed, step in ((5, 3), (5, 3), (5, 4), (6, 3)):
        torch.rand(7)
        method = Noisy()
        Propagation(method, FABRIC, 1, seed).run(batch(), clock(step))
        drawn += method.drawn
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 3


def test_a_left_out_update_leaves_running_statistics_alone() -> None:
    method = Noisy()
    before = method.head[1].running_mean.clone()
    one = Propagation(method, FABRIC, 1, seed=5)
    one.run(batch(), clock())
    assert not torch.equal(before, method.head[1].running_mean)
    one.forget()
    assert torch.equal(before, method.head[1].running_mean)
    assert method.head[1].num_batches_tracked == 0
