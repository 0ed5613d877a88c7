"""Parameter groups, clipping, freezing and left-out updates."""

import math
from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from sslcore.augment.view import View, ViewPlan
from sslcore.batch import Batch
from sslcore.config import Config
from sslcore.engine.optimisation import Optimisation, build, parameter_groups
from sslcore.engine.schedule import Timetable
from sslcore.method import Clock, DataFacts, Method, ParameterGroup, StepOutput
from sslcore.nets.encoder import Encoder
from sslcore.sections import OptimiserSection, ScheduleSection

FACTS = DataFacts(count=40, channels=3, image_size=8, batch_size=8, total_steps=10)


class Groups(Method[Config]):
    """A method that does nothing but have parameters."""

    def __init__(self) -> None:
        super().__init__(Config(), Encoder(nn.Conv2d(3, 4, 3), [0.5] * 3, [0.2] * 3), FACTS)
        self.head = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5))
        self.temperature = nn.Parameter(torch.tensor(1.0))
        self.kept: list[ParameterGroup] | None = None

    @classmethod
    def default_views(cls, config: Config, facts: DataFacts) -> ViewPlan:
        return ViewPlan(views=(View(name="view", size=8),))

    def project(self, batch: Batch, clock: Clock) -> dict[str, Tensor]:
        return {"z": self.online(batch.view("view"))}

    def objective(self, projected: dict[str, Tensor], batch: Batch, clock: Clock) -> StepOutput:
        return StepOutput(projected["z"].sum())

    def projection(self, features: Tensor) -> Tensor:
        return features

    def energy(self, batch: Batch) -> Tensor:
        return torch.zeros(len(batch))

    def parameter_groups(self) -> list[ParameterGroup]:
        return super().parameter_groups() if self.kept is None else self.kept


def timetable(**optimiser: Any) -> Timetable:
    section = OptimiserSection.parse({"learning_rate": 0.5, **optimiser})
    schedule = ScheduleSection(epochs=2, batch_size=8, decay="constant")
    return Timetable(schedule, section, steps_per_epoch=5)


def optimisation(method: Groups, **optimiser: Any) -> Optimisation:
    table = timetable(**optimiser)
    fabric = Fabric(accelerator="cpu", devices=1)
    return Optimisation(method, table.optimiser, table, fabric)


def test_biases_norms_and_scalars_do_not_decay() -> None:
    method = Groups()
    decaying, other = parameter_groups(method, timetable(weight_decay=0.1))
    names = {one: name for name, one in method.named_parameters()}
    assert {names[one] for one in decaying["params"]} == {"online.backbone.weight", "head.0.weight"}
    assert {names[one] for one in other["params"]} == {
        "online.backbone.bias", "head.0.bias", "head.1.weight", "head.1.bias", "temperature",
    }  # fmt: skip
    assert (decaying["weight_decay"], decaying["adapts"]) == (0.1, True)
    assert (other["weight_decay"], other["adapts"]) == (0.0, False)


def prototypes(method: Groups) -> list[ParameterGroup]:
    """The head's matrix apart, adapted and not decayed, as SwAV has its prototypes."""
    weight = next(method.head.parameters())
    others = [one for one in method.parameters() if one is not weight]
    return [
        ParameterGroup("others", others),
        ParameterGroup("prototypes", [weight], decays=False),
    ]


def test_lars_adapts_what_does_not_decay() -> None:
    method = Groups()
    method.kept = prototypes(method)
    weight = next(method.head.parameters())
    numbers = {"kind": "lars", "momentum": 0.0, "weight_decay": 0.1, "weight_decay_end": 0.2}
    one = optimisation(method, **numbers, trust_coefficient=0.02)
    flags = {
        (group["name"], group["decays"], group["adapts"]) for group in one.optimiser.param_groups
    }
    assert flags == {
        ("others", True, True), ("others", False, False), ("prototypes", False, True),
    }  # fmt: skip
    before = weight.detach().clone()
    one.start(4)  # decay is on its way to 0.2, but not of prototypes
    _gradients(method, 3.0)
    one.finish(4)
    length = math.sqrt(sum(w * w for w in before.flatten().tolist()))
    change = 0.5 * 0.02 * length / (3.0 * math.sqrt(before.numel())) * 3.0
    torch.testing.assert_close(weight.detach(), before - change)


def test_a_state_from_before_decay_and_adaptation_were_told_apart_goes_on_as_it_was() -> None:
    method = Groups()
    method.kept = prototypes(method)
    one = optimisation(method, kind="lars", weight_decay=0.1)
    state = one.state()
    for group in state["optimiser"]["param_groups"]:
        del group["decays"]
        group["adapts"] = group["weight_decay"] > 0  # what was written then
    again = optimisation(method, kind="lars", weight_decay=0.1)
    again.load(state)
    again.start(1)
    found = [(group["weight_decay"], group["adapts"]) for group in again.optimiser.param_groups]
    assert found == [(0.1, True), (0.0, False), (0.0, False)]


@pytest.mark.parametrize("kind", ["adamw", "sgd"])
def test_groups_a_method_got_since_start_afresh(kind: str) -> None:
    """Frame prediction got a second output; runs from before go on."""
    old = Groups()
    old.temperature.requires_grad_(False)
    before = optimisation(old, kind=kind)
    _gradients(old, 0.5)
    before.start(0)
    _gradients(old, 0.5)
    before.finish(0)
    new = Groups()
    rest = [one for one in new.parameters() if one is not new.temperature]
    new.kept = [ParameterGroup("all", rest), ParameterGroup("late", [new.temperature])]
    after = optimisation(new, kind=kind)
    after.load(before.state())
    known = before.optimiser.state_dict()["state"]
    assert after.optimiser.state_dict()["state"].keys() == known.keys()
    for number, one in known.items():
        for name, value in one.items():
            assert torch.equal(after.optimiser.state_dict()["state"][number][name], value)
    after.start(1)
    _gradients(new, 0.5)
    assert after.finish(1)
    with pytest.raises(ValueError, match="different number of parameter groups"):
        before.load(after.state())  # the other way round something would be lost


def test_every_parameter_is_in_one_group() -> None:
    method = Groups()
    head = list(method.head.parameters())
    method.kept = [ParameterGroup("head", head)]
    with pytest.raises(ValueError, match=r"in no group: temperature, online\.backbone\.weight"):
        parameter_groups(method, timetable())
    method.kept = [ParameterGroup("all", list(method.parameters())), ParameterGroup("head", head)]
    with pytest.raises(ValueError, match=r"'head': parameters listed twice: head\.0\.weight"):
        parameter_groups(method, timetable())


@pytest.mark.parametrize(("kind", "name"), [("sgd", "SGD"), ("adamw", "AdamW"), ("lars", "Lars")])
def test_each_kind_is_built_with_its_settings(kind: str, name: str) -> None:
    section = OptimiserSection.parse({"kind": kind, "momentum": 0.7, "nesterov": True})
    optimiser = build(section, [{"params": [nn.Parameter(torch.ones(2, 2))]}])
    assert type(optimiser).__name__ == name
    group = optimiser.param_groups[0]
    assert group["betas"] == (0.7, 0.999) if kind == "adamw" else group["momentum"] == 0.7


def _gradients(method: Groups, value: float) -> None:
    for one in method.parameters():
        one.grad = torch.full_like(one, value)


def test_rates_scales_and_freezing() -> None:
    method = Groups()
    method.kept = [
        ParameterGroup("encoder", list(method.online.parameters())),
        ParameterGroup("head", list(method.head.parameters()), lr_scale=0.1, frozen_epochs=0.4),
        ParameterGroup("temperature", [method.temperature]),
    ]
    one = optimisation(method, momentum=0.0, weight_decay=0.0)
    for step in range(3):
        before = {name: value.detach().clone() for name, value in method.named_parameters()}
        assert one.start(step) == 0.5
        _gradients(method, 1.0)
        assert one.finish(step)
        moved = {name: (before[name] - value).mean().item() for name, value in
                 method.named_parameters()}  # fmt: skip
        assert moved["online.backbone.weight"] == pytest.approx(0.5)
        assert moved["head.0.weight"] == pytest.approx(0.0 if step < 2 else 0.05)


def test_gradients_are_clipped_by_their_common_norm() -> None:
    method = Groups()
    one = optimisation(method, momentum=0.0, weight_decay=0.0, gradient_clip=2.0)
    before = torch.cat([value.detach().flatten().clone() for value in method.parameters()])
    one.start(0)
    _gradients(method, 3.0)
    one.finish(0)
    after = torch.cat([value.detach().flatten() for value in method.parameters()])
    assert (before - after).norm().item() == pytest.approx(0.5 * 2.0, rel=1e-4)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_an_update_with_a_bad_gradient_is_left_out(bad: float) -> None:
    method = Groups()
    one = optimisation(method)
    one.start(0)
    _gradients(method, 1.0)
    assert method.temperature.grad is not None
    method.temperature.grad.fill_(bad)
    before = {name: value.detach().clone() for name, value in method.named_parameters()}
    assert not one.finish(0)
    for name, value in method.named_parameters():
        assert torch.equal(before[name], value)
