"""The order of the house: short files, a test file for every module, nothing forgotten to ship."""

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from sslcore.method import registry

ROOT = Path(__file__).parents[1]
MOST_LINES = 400
SHIPPED = ("app", "sslcore", "resources")
TEXT = {".py", ".toml", ".svg", ".qss", ".json", ".md"}


def files(*folders: str, suffixes: set[str] | None = None) -> list[Path]:
    """Files of the repository below some folders, as paths from its root."""
    found = [
        path.relative_to(ROOT)
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert found, folders
    return [one for one in found if suffixes is None or one.suffix in suffixes]


def mirror(module: Path) -> Path:
    """Where the tests of a module are."""
    return Path("tests") / module.parent / f"test_{module.stem.strip('_')}.py"


MODULES = [one for one in files("app", "sslcore", suffixes={".py"}) if one.stem != "__init__"]


def test_no_file_is_long() -> None:
    lines = {
        path: len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in files("app", "sslcore", "tests", suffixes={".py"})
    }
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_every_module_has_its_tests() -> None:
    missing = [str(mirror(one)) for one in MODULES if not (ROOT / mirror(one)).exists()]
    assert missing == []


def test_every_test_file_has_its_module_and_a_test() -> None:
    mirrored = {mirror(one) for one in MODULES}
    whole = {
        Path("tests/app/test_end_to_end.py"),
        Path("tests/app/plots/test_redraws.py"),
        Path("tests/sslcore/test_learning.py"),
        Path("tests/sslcore/engine/test_other_device.py"),
    }
    found = [one for one in files("tests/app", "tests/sslcore") if one.name.startswith("test_")]
    assert [one for one in found if one not in mirrored | whole] == []
    empty = [one for one in found if "def test_" not in (ROOT / one).read_text(encoding="utf-8")]
    assert empty == []


def test_every_resource_is_shipped() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["resources"]
    resources = [one for one in files("resources") if one.suffix != ".py"]
    forgotten = [
        str(path)
        for path in resources
        if not any(
            fnmatch(path.relative_to("resources").as_posix(), pattern.removeprefix("**/"))
            for pattern in patterns
        )
    ]
    assert forgotten == []


def test_every_method_has_a_small_and_a_paper_recipe() -> None:
    folder = ROOT / "resources" / "recipes"
    expected = {f"{key}{kind}.toml" for key in registry() for kind in ("", ".paper")}
    found = {path.name for path in folder.iterdir()}
    assert expected <= found
    # Beside these two, a method may have known experiments: KEY.WHAT.toml.
    assert {name.partition(".")[0] for name in found} == set(registry())


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("a path of one machine", r"(?<![\w.])/(work|root|tmp|home|Users)/"),
        ("unfinished work", r"\b(TODO|FIXME|XXX|HACK|NotImplementedError|lorem ipsum)\b"),
        ("a stand-in", r"(?i)\bplace-?holders?\b"),
        ("a silenced checker", r"type: ignore|noqa(?!: [A-Z]+\d+ - \w)"),
        ("an error that nobody hears of", r"except( Exception)?:\s*\n\s*pass\b"),
    ],
)
def test_nothing_of_the_kind_is_shipped(name: str, pattern: str) -> None:
    found = [
        f"{path}: {hit[0]!r}"
        for path in [*files(*SHIPPED), Path("README.md")]
        if path.suffix in TEXT
        for hit in re.finditer(pattern, (ROOT / path).read_text(encoding="utf-8"))
    ]
    assert found == [], name


def test_what_tests_may_be_skipped_without_is_installed_for_development() -> None:
    """Else a clean clone and CI would skip them, and nobody would know."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extra = table["project"]["optional-dependencies"]["dev"]
    installed = {re.split(r"[^A-Za-z0-9_]", one)[0] for one in extra}
    text = "".join((ROOT / one).read_text("utf-8") for one in files("tests", suffixes={".py"}))
    asked = set(re.findall(r'importorskip\(\s*"(\w+)', text))
    assert {"timm", "onnxruntime"} <= asked, "or the test says nothing"
    assert asked - {"google"} <= installed, "google.protobuf comes with onnx"


PLACES = {
    "data": "data",
    "method": "method",
    "view": "views",
    "views": "views",
    "train": "train",
    "explore": "explore",
    "evaluate": "evaluate",
    "study": "evaluate",
    "studies": "evaluate",
    "runs": "runs",
}
"""The first word of a panel's file -> the place it belongs to; others serve several."""


def test_panels_of_a_place_know_no_other_place() -> None:
    crossing: list[str] = []
    seen = set[str]()
    for path in files("app/panels", suffixes={".py"}):
        own = PLACES.get(path.stem.partition("_")[0])
        seen |= {own} if own else set()
        text = (ROOT / path).read_text(encoding="utf-8")
        for name in re.findall(r"app\.panels(?:\.| import )(\w+)", text):
            place = PLACES.get(name.partition("_")[0])
            if place is not None and place != own:
                crossing.append(f"{path.name} -> {name}")
    assert seen == set(PLACES.values())
    assert crossing == []
