"""float64 on its own device, or on the CPU where the device has none."""

import torch
from torch import Tensor

from sslcore.doubles import doubled


class Narrow(Tensor):
    """A tensor of a device without float64, which says so as MPS does."""

    def double(self) -> Tensor:
        raise TypeError("Cannot convert a MPS Tensor to float64 dtype")

    def cpu(self) -> Tensor:
        return self.as_subclass(Tensor)


def test_values_are_kept() -> None:
    values = torch.randn(3, 2)
    assert doubled(values).dtype == torch.float64
    torch.testing.assert_close(doubled(values), values.double(), rtol=0, atol=0)
    already = values.double()
    assert doubled(already) is already


def test_a_device_without_float64_hands_over_to_the_cpu() -> None:
    values = torch.randn(5)
    found = doubled(values.as_subclass(Narrow))
    assert type(found) is Tensor
    torch.testing.assert_close(found, values.double(), rtol=0, atol=0)
