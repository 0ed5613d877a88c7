"""Frozen configs whose fields carry what a form, a command line and a TOML file need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, Self, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Refusal:
    """One value that a field does not take.

    Attributes:
        path: of the field: ``"method.temperature"``.
        title: of the field for a person: ``"Temperature"``.
        rule: what is allowed: ``"must lie between 0.01 and 10"``.
        value: what was given.
    """

    path: str
    title: str
    rule: str
    value: Any

    def __str__(self) -> str:
        return f"{self.path} = {self.value!r}: {self.rule}"


class ConfigError(ValueError):
    """A setting that cannot be used; the message names the field, the value and the bound.

    Attributes:
        refusals: values that a field does not take, so that a form can say it in its own words;
            empty where a rule is about something else.
    """

    def __init__(self, message: str, refusals: tuple[Refusal, ...] = ()) -> None:
        super().__init__(message)
        self.refusals = refusals


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
            told = explain(error, where, cls)
            refusals = tuple(one for one in told if isinstance(one, Refusal))
            raise ConfigError("; ".join(map(str, told)), refusals) from None

    def changed(self, **values: Any) -> Self:
        """A new config with some fields replaced, validated anew (``ConfigError`` as in parse)."""
        current = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).parse({**current, **values})


def explain(
    error: ValidationError, where: str = "", config: type[Config] = Config
) -> list[str | Refusal]:
    """What is wrong, one by one: the field's path, the value found and what would be right.

    Args:
        error: of pydantic.
        where: path of the section.
        config: its class, which knows titles and bounds.
    """
    told: list[str | Refusal] = []
    for item in error.errors(include_url=False):
        path = ".".join(str(part) for part in (where, *item["loc"]) if part != "")
        if item["type"] == "extra_forbidden":
            told.append(f"{path}: unknown field; {_instead(config, item['loc'])}")
        elif item["type"] == "missing":
            told.append(f"{path}: missing; add it")
        elif item["type"] == "value_error":
            reason = str(item.get("ctx", {}).get("error", item["msg"]))
            # A nested config has named its field already.
            told.append(reason if reason.startswith(f"{path}.") else f"{path}: {reason}")
        elif item["type"] in ("model_type", "model_attributes_type"):
            told.append(
                f"{path} = {item['input']!r}: this is a section with fields of its own, not a value"
            )
        else:
            one = _knob_at(config, item["loc"])
            title = one.title if one is not None else path
            told.append(Refusal(path, title, _rule(item, one), item["input"]))
    return told


def _knob_at(config: type[Config], place: tuple[int | str, ...]) -> Knob | None:
    """The knob an error is about: the last field on the way to it."""
    found: Knob | None = None
    inner: Any = config
    for part in place:
        fields: dict[str, FieldInfo] = getattr(inner, "model_fields", {})
        if part in fields:
            found, inner = _knob_of(str(part), fields[str(part)]), fields[str(part)].annotation
    return found


def _instead(config: type[Config], place: tuple[int | str, ...]) -> str:
    """What to write instead of a field that there is not: the one most like it, or which exist."""
    inner: Any = config
    for part in place[:-1]:
        fields: dict[str, FieldInfo] = getattr(inner, "model_fields", {})
        inner = fields[str(part)].annotation if str(part) in fields else None
    known = list(getattr(inner, "model_fields", {}))
    alike = get_close_matches(str(place[-1]), known, 1)
    if alike:
        return f"did you mean {alike[0]}?"
    return f"there are: {', '.join(known)}" if known else "remove it or check its spelling"


_NUMBERS = {"int_type": "a whole number", "int_parsing": "a whole number",
            "int_from_float": "a whole number", "float_type": "a number",
            "float_parsing": "a number", "finite_number": "a finite number"}  # fmt: skip
_TYPES = {"bool_type": "true or false", "bool_parsing": "true or false", "string_type": "a text",
          "tuple_type": "a list of values", "list_type": "a list of values"}  # fmt: skip


def _rule(item: Any, one: Knob | None) -> str:
    """What a field takes, in words that go on after its name."""
    kind: str = item["type"]
    bounds = "" if one is None else one.bounds
    if kind in ("greater_than_equal", "less_than_equal") and bounds:
        between = one is not None and None not in (one.low, one.high)
        return f"must lie {bounds}" if between else f"must be {bounds}"
    if kind in _NUMBERS:
        join = " " if bounds.startswith("between") else ", " if bounds else ""
        return f"must be {_NUMBERS[kind]}{join}{bounds}"
    if kind in _TYPES:
        return f"must be {_TYPES[kind]}"
    if kind == "literal_error" and one is not None and one.choices:
        return f"must be one of {', '.join(map(str, one.choices))}"
    message: str = item["msg"]
    return message[0].lower() + message[1:]


def knob(
    default: Any,
    *,
    help: str,  # noqa: A002 - the word a person looks for
    low: float | None = None,
    high: float | None = None,
    log: bool = False,
    unit: str = "",
    paper: str = "",
    title: str = "",
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
        title: the name as a person reads it, where the field's name does not say it.
    """
    extra: dict[str, Any] = {"log": log, "unit": unit, "paper": paper, "title": title}
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
    given_title: str = ""

    @property
    def title(self) -> str:
        """The name as a person reads it: ``redundancy_weight`` -> ``Redundancy weight``.

        Ends of a range are told apart in front: ``crop_low`` -> ``Smallest crop``.
        """
        if self.given_title:
            return self.given_title
        stem, _, end = self.name.rpartition("_")
        if self.name == "p":
            return "Probability"
        ends = {"low": "smallest ", "high": "largest "}
        words = ends[end] + stem if stem and end in ends else self.name
        words = words.replace("_", " ")
        return words[:1].upper() + words[1:]

    @property
    def bounds(self) -> str:
        """``"between 1 and 400 px"``, ``"at least 1"`` or ``""``."""
        low, high = (None if end is None else f"{end:.10g}" for end in (self.low, self.high))
        said = self.unit == self.title.lower()
        unit = f" {self.unit}" if self.unit and not said else ""
        if low is not None and high is not None:
            return f"between {low} and {high}{unit}"
        if low is not None:
            return f"at least {low}{unit}"
        return f"at most {high}{unit}" if high is not None else ""


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
        given_title=str(extra.get("title", "")),
    )
