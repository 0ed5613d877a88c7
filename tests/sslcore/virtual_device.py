"""A second device made of the CPU, so that what would fail on a GPU fails in a test without one.

A tensor of this device holds an ordinary one and hands every operation on to it, after it has asked
what CUDA asks: that all tensors of an operation lie on one device (single numbers, and indices of
tensors, may stay on the CPU), and that random numbers come from a generator of that device. Numbers
are worked out by the CPU. It needs the hooks torch has for devices written in Python, which
are experimental: :func:`missing` says whether they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.utils import backend_registration
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

NAME = "virtual"
aten = torch.ops.aten
COPIES = {aten._to_copy.default, aten.copy_.default}
INDEXED = {
    aten.index.Tensor,
    aten.index_put.default,
    aten.index_put_.default,
    aten._index_put_impl_.default,
}


class MixedDevicesError(RuntimeError):
    """Tensors of two devices met in one operation."""


def missing() -> bool:
    """Whether this torch cannot have a device written in Python."""
    return not hasattr(backend_registration, "_setup_privateuseone_for_python_backend")


class NoDoubleError(TypeError):
    """A float64 tensor was asked for on a device that has none."""


_doubles = [True]


@contextmanager
def virtual_device(*, doubles: bool = True) -> Iterator[torch.device]:
    """The device; within the block tensors can be made on it and moved to it.

    Args:
        doubles: whether it has float64. Apple's MPS has not.
    """
    _set_up()
    _doubles.append(doubles)
    try:
        with _Mode():
            yield torch.device(NAME, 0)
    finally:
        _doubles.pop()


@cache
def _set_up() -> Any:
    class Module(backend_registration._DummyBackendModule):
        def get_amp_supported_dtype(self) -> list[torch.dtype]:
            return [torch.float16, torch.bfloat16]

    backend_registration._setup_privateuseone_for_python_backend(NAME, backend_module=Module())
    # What torch does within operations, where a mode is not asked.
    library = torch.library.Library("aten", "IMPL")
    library.impl("empty_strided", _empty_strided, "PrivateUse1")
    library.impl("empty.memory_format", _empty, "PrivateUse1")
    library.impl("_copy_from", _copy_from, "PrivateUse1")
    return library  # it unregisters what it registered when it is collected


class VirtualTensor(Tensor):
    """A tensor of the virtual device."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> VirtualTensor:
        if held.dtype == torch.float64 and not _doubles[-1]:
            raise NoDoubleError(f"{NAME} has no float64")
        made = Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            layout=held.layout,
            device=torch.device(NAME, 0),
        )
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(
        cls, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return _handed_on(function, args, kwargs or {})

    def tolist(self) -> Any:
        """As of any tensor (subclasses have none of their own)."""
        return self.held.tolist()

    def untyped_storage(self) -> Any:
        """Where the numbers lie, for those who ask whether two tensors share them."""
        return self.held.untyped_storage()


class _Mode(TorchDispatchMode):
    """Sees to it that tensors are made where they are asked for."""

    def __torch_dispatch__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return _handed_on(function, args, kwargs or {})


def _handed_on(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    tensors = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)]
    here = [one for one in tensors if isinstance(one, VirtualTensor)]
    asked = kwargs.get("device")
    to_here = bool(here) if asked is None else torch.device(asked).type == NAME
    _check(function, args, tensors, here)
    generator = kwargs.get("generator")
    if generator is not None and to_here and generator.device.type != NAME:
        raise MixedDevicesError(f"{function}: a generator of {generator.device} for {NAME}")
    plain_args, plain_kwargs = tree_map(_held, (args, kwargs))
    if asked is not None:
        plain_kwargs = {**plain_kwargs, "device": torch.device("cpu")}
    found = FUSED.get(function, function)(*plain_args, **plain_kwargs)
    if function is aten.copy_.default:
        return args[0]
    if torch.Tag.inplace_view in function.tags and here:
        with no_dispatch():  # size and strides of the outer tensor follow
            function(*args, **kwargs)
        return args[0]
    if not to_here:
        return found
    own = {id(one.held): one for one in here}  # an operation in place answers with its own tensor

    def dressed(one: Any) -> Any:
        if not _plain(one):
            return one
        return own[id(one)] if id(one) in own else VirtualTensor(one)

    return tree_map(dressed, found)


def _check(function: Any, args: tuple[Any, ...], tensors: list[Tensor], here: list[Any]) -> None:
    elsewhere = [tuple(one.shape) for one in tensors if _plain(one) and one.dim() > 0]
    if not here or not elsewhere or function in COPIES:
        return
    if function in INDEXED and isinstance(args[0], VirtualTensor):
        return
    raise MixedDevicesError(f"{function}: tensors of {NAME}, and of the CPU: {elsewhere}")


def _plain(one: Any) -> bool:
    return isinstance(one, Tensor) and not isinstance(one, VirtualTensor)


def _held(one: Any) -> Any:
    return one.held if isinstance(one, VirtualTensor) else one


def _empty_strided(
    size: Any, stride: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: Any = None,
) -> Tensor:  # fmt: skip
    del layout, device, pin_memory
    return VirtualTensor(torch.empty_strided(size, stride, dtype=dtype, device="cpu"))


def _empty(
    size: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: Any = None, memory_format: Any = None,
) -> Tensor:  # fmt: skip
    del layout, device, pin_memory, memory_format
    return VirtualTensor(torch.empty(size, dtype=dtype, device="cpu"))


def _copy_from(source: Tensor, target: Tensor, non_blocking: bool = False) -> Tensor:
    del non_blocking
    _held(target).copy_(_held(source))
    return target


def _gru_cell(
    from_input: Tensor, from_memory: Tensor, memory: Tensor, input_bias: Any, memory_bias: Any
) -> tuple[Tensor, Tensor]:
    """The fused cell that devices other than the CPU are given, as torch's page on GRU has it."""
    if input_bias is not None:
        from_input, from_memory = from_input + input_bias, from_memory + memory_bias
    (r_in, z_in, n_in), (r_old, z_old, n_old) = from_input.chunk(3, 1), from_memory.chunk(3, 1)
    r, z = (r_in + r_old).sigmoid(), (z_in + z_old).sigmoid()
    n = (n_in + r * n_old).tanh()
    return n + z * (memory - n), torch.cat((r, z, n, n_old, memory), 1)


def _gru_cell_backward(wanted: Tensor, workspace: Tensor, biased: bool) -> tuple[Any, ...]:
    r, z, n, n_old, memory = workspace.chunk(5, 1)
    by_n = wanted * (1 - z) * (1 - n * n)
    by_z = wanted * (memory - n) * z * (1 - z)
    by_r = by_n * n_old * r * (1 - r)
    by_input, by_memory = torch.cat((by_r, by_z, by_n), 1), torch.cat((by_r, by_z, by_n * r), 1)
    biases = (by_input.sum(0), by_memory.sum(0)) if biased else (None, None)
    return by_input, by_memory, wanted * z, *biases


FUSED: dict[Any, Callable[..., Any]] = {
    aten._thnn_fused_gru_cell.default: _gru_cell,
    aten._thnn_fused_gru_cell_backward.default: _gru_cell_backward,
}
