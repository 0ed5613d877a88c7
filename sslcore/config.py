"""Frozen configs whose fields carry what a form, a command line and a TOML file need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo


class ConfigError(ValueError):
    """A setting that cannot be used; the message names the field, the value and the bound."""


class Config(BaseModel):
    """Base of every config: frozen, and a field nobody knows is refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @classmethod
    def parse(cls, values: Mapping[str, Any], where: str = "") -> Self:
        """Make a config from plain values.

        Args:
            values: field names to plain values, as TOML or a form gives them.
            where: path of this section (``"method"``), put before field names in errors.

        Raises:
            ConfigError: naming field, value and bound of everything that does not fit.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ConfigError(explain(error, where)) from None

    def changed(self, **values: Any) -> Self:
        """A new config with some fields replaced, validated anew (``ConfigError`` as in parse)."""
        current = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).parse({**current, **values})


def explain(error: ValidationError, where: str = "") -> str:
    """One sentence per wrong field: its path, the value found and what would be right."""
    sentences: list[str] = []
    for item in error.errors(include_url=False):
        path = ".".join(str(part) for part in (where, *item["loc"]) if part != "")
        if item["type"] == "extra_forbidden":
            sentences.append(f"{path}: unknown field; remove it or check its spelling")
        elif item["type"] == "missing":
            sentences.append(f"{path}: missing; add it")
        elif item["type"] == "value_error":
            reason = str(item.get("ctx", {}).get("error", item["msg"]))
            # A nested config has named its field already.
            sentences.append(reason if reason.startswith(f"{path}.") else f"{path}: {reason}")
        elif item["type"] in ("model_type", "model_attributes_type"):
            sentences.append(
                f"{path} = {item['input']!r}: this is a section with fields of its own, not a value"
            )
        else:
            message = item["msg"][0].lower() + item["msg"][1:]
            sentences.append(f"{path} = {item['input']!r}: {message}")
    return "; ".join(sentences)


def knob(
    default: Any,
    *,
    help: str,  # noqa: A002 - the word a person looks for
    low: float | None = None,
    high: float | None = None,
    log: bool = False,
    unit: str = "",
    paper: str = "",
) -> Any:
    """A config field with everything its form row needs.

    Args:
        default: the value a newcomer gets.
        help: one or two sentences: what it does, which way to turn it.
        low: smallest allowed value, inclusive.
        high: largest allowed value, inclusive.
        log: whether a slider runs over orders of magnitude.
        unit: shown behind the value (``"px"``, ``"epochs"``).
        paper: the symbol or the value of the paper, shown in the help.
    """
    extra: dict[str, Any] = {"log": log, "unit": unit, "paper": paper}
    return Field(default, ge=low, le=high, description=help, json_schema_extra=extra)


@dataclass(frozen=True)
class Knob:
    """What a form, a help page or a command line needs to know of one field."""

    name: str
    kind: Literal["bool", "int", "float", "choice", "text", "other"]
    default: Any
    low: float | None
    high: float | None
    log: bool
    unit: str
    help: str
    paper: str
    choices: tuple[Any, ...] = ()
    optional: bool = False

    @property
    def title(self) -> str:
        """The name as a person reads it: ``redundancy_weight`` -> ``Redundancy weight``."""
        words = self.name.replace("_", " ")
        return words[:1].upper() + words[1:]


def knobs(config: type[Config]) -> list[Knob]:
    """The fields of a config class, in order."""
    return [_knob_of(name, field) for name, field in config.model_fields.items()]


def _knob_of(name: str, field: FieldInfo) -> Knob:
    annotation: Any = field.annotation
    optional = type(None) in get_args(annotation) and get_origin(annotation) is not Literal
    if optional:
        rest = [part for part in get_args(annotation) if part is not type(None)]
        annotation = rest[0] if len(rest) == 1 else annotation
    choices: tuple[Any, ...] = ()
    kind: Literal["bool", "int", "float", "choice", "text", "other"] = "other"
    if get_origin(annotation) is Literal:
        kind, choices = "choice", get_args(annotation)
    else:
        plain = {bool: "bool", int: "int", float: "float", str: "text"}
        kind = cast(Any, plain.get(annotation, "other"))
    bounds: dict[str, float | None] = {"ge": None, "le": None}
    for item in field.metadata:
        for bound in bounds:
            bounds[bound] = getattr(item, bound, bounds[bound])
    extra = cast(
        "dict[str, Any]",
        field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {},
    )
    return Knob(
        name=name,
        kind=kind,
        default=field.get_default(call_default_factory=True),
        low=bounds["ge"],
        high=bounds["le"],
        log=bool(extra.get("log", False)),
        unit=str(extra.get("unit", "")),
        help=field.description or "",
        paper=str(extra.get("paper", "")),
        choices=choices,
        optional=optional,
    )
