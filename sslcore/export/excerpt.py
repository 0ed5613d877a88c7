"""The source of some classes together with everything of ours that they need, as one module.

So a file can be handed out that depends on nothing of the workbench, and that stays right when the
classes change.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

OWN = "sslcore"
"""Package whose definitions are copied; everything else is imported."""


Import = tuple[str, str, str]
"""Module, name in it ("" for the module itself), and what it is called."""


@dataclass(frozen=True)
class _Definition:
    text: str
    names: tuple[str, ...]
    constant: bool


class _Module:
    """The top level of one of our modules, by name."""

    def __init__(self, module: ModuleType) -> None:
        text = inspect.getsource(module)
        self._lines = text.splitlines()
        self.name = module.__name__
        self.definitions: dict[str, _Definition] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        """Name -> (module, name in it, or "" for the module itself)."""
        body = ast.parse(text).body
        for number, node in enumerate(body):
            after = body[number + 1] if number + 1 < len(body) else None
            self._enter(node, after)

    def _enter(self, node: ast.stmt, after: ast.stmt | None) -> None:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                self._define([name], node, first, node.end_lineno or node.lineno)
            case ast.Assign(targets=targets) | ast.AnnAssign(target=targets):
                last = node.end_lineno or node.lineno
                match after:  # what a constant is, stands below it
                    case ast.Expr(value=ast.Constant(value=str())):
                        last = after.end_lineno or last
                    case _:
                        pass
                self._define(_names(targets), node, node.lineno, last)
            case ast.ImportFrom(module=str(module), names=names):
                for one in names:
                    self.imports[one.asname or one.name] = (module, one.name)
            case ast.Import(names=names):
                for one in names:
                    self.imports[one.asname or one.name] = (one.name, "")
            case _:
                pass

    def _define(self, names: list[str], node: ast.AST, first: int, last: int) -> None:
        used = dict.fromkeys(one.id for one in ast.walk(node) if isinstance(one, ast.Name))
        text = "\n".join(self._lines[first - 1 : last])
        constant = isinstance(node, (ast.Assign, ast.AnnAssign))
        one = _Definition(text, tuple(used), constant)
        self.definitions |= dict.fromkeys(names, one)


def _names(targets: ast.expr | list[ast.expr]) -> list[str]:
    """Names that an assignment gives a value."""
    found = targets if isinstance(targets, list) else [targets]
    return [one.id for target in found for one in ast.walk(target) if isinstance(one, ast.Name)]


class _Collection:
    """Definitions in an order in which they can be run, and the imports they need."""

    def __init__(self) -> None:
        self.definitions: list[_Definition] = []
        self.imports: set[Import] = set()
        self._origin: dict[str, str] = {}
        self._modules: dict[str, _Module] = {}

    def add(self, module: str, name: str) -> None:
        """A name of a module, after what it needs (ValueError for two things of one name)."""
        found = self._module(module)
        if name in found.imports:
            self._follow(name, *found.imports[name])
            return
        if name not in found.definitions:
            return  # a built-in, or a name of its own
        if name in self._origin:
            if self._origin[name] != module:
                raise ValueError(f"{name}: defined in {self._origin[name]} and in {module}")
            return
        self._origin[name] = module
        one = found.definitions[name]
        for used in one.names:
            self.add(module, used)
        if one not in self.definitions:  # two names of one line
            self.definitions.append(one)

    def _follow(self, name: str, module: str, original: str) -> None:
        if module.partition(".")[0] != OWN:
            self.imports.add((module, original, name))
        elif original != name:
            raise ValueError(
                f"{name}: another name for {original} of {module}; import it by its own"
            )
        else:
            self.add(module, name)

    def _module(self, name: str) -> _Module:
        if name not in self._modules:
            self._modules[name] = _Module(importlib.import_module(name))
        return self._modules[name]


def excerpt(wanted: Sequence[object], also: frozenset[Import] | set[Import] = frozenset()) -> str:
    """Source of classes and functions with all they need.

    Args:
        wanted: classes and functions of our package, each a top-level definition.
        also: imports that are needed besides.

    Returns:
        Lines of import and the definitions, each before it is needed.

    Raises:
        ValueError: if two different things have the same name.
    """
    collection = _Collection()
    for one in wanted:
        module, name = str(getattr(one, "__module__", "")), str(getattr(one, "__qualname__", ""))
        collection.add(module, name)
    imports, found = _imports(collection.imports | also), collection.definitions
    gap = "\n\n" if found and found[0].constant else "\n\n\n"
    return imports + gap + _body(found)


def _imports(found: set[Import]) -> str:
    """Import lines: the standard library first, whole modules before parts of them."""
    whole = {(module, name) for module, original, name in found if not original}
    parts: dict[str, list[str]] = {}
    for module, original, name in sorted(found):
        if original:
            said = original if original == name else f"{original} as {name}"
            parts.setdefault(module, []).append(said)
    groups: list[str] = []
    for standard in (True, False):
        lines = [
            f"import {module}" if module == name else f"import {module} as {name}"
            for module, name in sorted(whole)
            if _is_standard(module) is standard
        ]
        lines += [
            f"from {module} import {', '.join(names)}"
            for module, names in sorted(parts.items())
            if _is_standard(module) is standard
        ]
        if lines:
            groups.append("\n".join(lines))
    return "\n\n".join(groups)


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _body(found: Sequence[_Definition]) -> str:
    """Definitions with two empty lines between, one between constants."""
    text = ""
    before: _Definition | None = None
    for one in found:
        if before is not None:
            text += "\n\n" if one.constant and before.constant else "\n\n\n"
        text += one.text
        before = one
    return text
