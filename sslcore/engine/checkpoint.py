"""What a checkpoint holds, as files: everything an exact resume needs, readable without pickles.

``weights.safetensors`` is the method's state dict; ``optimiser.pt`` opens with
``torch.load(weights_only=True)``; ``state.json`` holds the step, the recipe and what is known of
the data, so that a method can be rebuilt where the images are not.
"""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self, cast

import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor

from sslcore.engine.assembly import assemble
from sslcore.engine.store import CheckpointError
from sslcore.method import DataFacts, Method
from sslcore.recipe import Recipe

WEIGHTS, OPTIMISER, STATE = "weights.safetensors", "optimiser.pt", "state.json"
ONLINE = "online_probe.safetensors"
"""Of the online probe; only where there is one."""


@dataclass(frozen=True)
class Checkpoint:
    """A run at one moment.

    Attributes:
        step: optimiser steps done.
        evaluated: step of the last evaluation, -1 if there was none.
        recipe: as TOML.
        facts: what the method knows of the data.
        catalogue: fingerprint of the folder trained on.
        watch: state of the watch for known troubles, plain values.
        weights: state dict of the method, on the CPU.
        optimiser: state of the optimisation: tensors and plain values.
        online: tensors of the online probe; empty without one.
    """

    step: int
    evaluated: int
    recipe: str
    facts: DataFacts
    catalogue: str
    watch: Mapping[str, Any]
    weights: Mapping[str, Tensor] = field(repr=False)
    optimiser: Mapping[str, Any] = field(repr=False)
    online: Mapping[str, Tensor] = field(default_factory=dict[str, Tensor], repr=False)

    def files(self) -> dict[str, bytes]:
        """File names and contents."""
        # Tied weights share memory, which safetensors refuses: each tensor gets its own.
        weights, online = (
            {name: one.detach().to("cpu", copy=True).contiguous() for name, one in part.items()}
            for part in (self.weights, self.online)
        )
        buffer = io.BytesIO()
        # Its file must open on a computer that has not the device of this one.
        torch.save(_on_cpu(dict(self.optimiser)), buffer)
        state = {
            "step": self.step,
            "evaluated": self.evaluated,
            "recipe": self.recipe,
            "facts": asdict(self.facts),
            "catalogue": self.catalogue,
            "watch": dict(self.watch),
        }
        return {
            WEIGHTS: safetensors.save(weights),
            OPTIMISER: buffer.getvalue(),
            STATE: json.dumps(state, indent=1, ensure_ascii=False).encode(),
            **({ONLINE: safetensors.save(online)} if online else {}),
        }

    @classmethod
    def read(cls, files: Mapping[str, bytes], source: str = "checkpoint") -> Self:
        """The checkpoint of these files.

        Raises:
            CheckpointError: naming the source and what is missing or wrong.
        """
        try:
            state: dict[str, Any] = json.loads(files[STATE])
            facts: dict[str, Any] = {
                name: tuple(cast("list[Any]", one)) if isinstance(one, list) else one
                for name, one in state["facts"].items()
            }
            return cls(
                step=int(state["step"]),
                evaluated=int(state["evaluated"]),
                recipe=str(state["recipe"]),
                facts=DataFacts(**facts),
                catalogue=str(state["catalogue"]),
                watch=state["watch"],
                weights=safetensors.load(files[WEIGHTS]),
                optimiser=torch.load(
                    io.BytesIO(files[OPTIMISER]), map_location="cpu", weights_only=True
                ),
                online=safetensors.load(files[ONLINE]) if ONLINE in files else {},
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{source}: not a checkpoint ({error})") from None
        except (SafetensorError, pickle.UnpicklingError, EOFError, RuntimeError) as error:
            raise CheckpointError(f"{source}: cannot be read: {error}") from None

    def method(self) -> Method[Any]:
        """The trained method on the CPU, in evaluation mode, without the images it learned from.

        Raises:
            CheckpointError: if the weights do not fit the recipe.
        """
        method = assemble(Recipe.from_toml(self.recipe), self.facts)
        self.load_into(method)
        return method.eval()

    def load_into(self, method: Method[Any]) -> None:
        """Put the weights into a method of the same recipe.

        Raises:
            CheckpointError: if they do not fit.
        """
        try:
            method.load_state_dict(dict(self.weights))
        except RuntimeError as error:
            first = str(error).strip().splitlines()
            detail = first[1].strip() if len(first) > 1 else first[0]
            raise CheckpointError(
                f"the checkpoint of step {self.step} does not fit the recipe ({detail}); resume "
                "with the recipe it was made with, or start a new run"
            ) from None


def _on_cpu(value: Any) -> Any:
    """The same dictionaries and lists with every tensor on the CPU."""
    if isinstance(value, Tensor):
        return value.detach().cpu()
    if isinstance(value, dict):
        return {key: _on_cpu(one) for key, one in cast("dict[Any, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        items = cast("list[Any] | tuple[Any, ...]", value)
        return type(items)(_on_cpu(one) for one in items)
    return value
