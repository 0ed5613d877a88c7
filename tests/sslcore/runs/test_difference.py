"""Recipes side by side."""

from sslcore.recipe import Recipe
from sslcore.runs.difference import ABSENT, Difference, differences, written
from sslcore.runs.summary import flat


def recipe(**changes: object) -> dict[str, object]:
    made = Recipe.parse({"method": {"key": "simclr"}})
    made = made.with_set({name.replace("__", "."): value for name, value in changes.items()})
    return flat(made.model_dump(mode="json", exclude_none=True))


def test_only_what_differs_in_the_order_of_sections() -> None:
    found = differences(
        [recipe(), recipe(run__seed=3, method__temperature=0.1), recipe(data__labels="none")]
    )
    assert found == [
        Difference("data.labels", ("auto", "auto", "none")),
        Difference("method.temperature", ("0.5", "0.1", "0.5")),
        Difference("run.seed", ("0", "3", "0")),
    ]
    assert differences([recipe()]) == differences([]) == []


def test_another_method_has_other_fields() -> None:
    barlow = Recipe.parse({"method": {"key": "barlow_twins"}})
    other = flat(barlow.model_dump(mode="json", exclude_none=True))
    found = differences([recipe(), other])
    assert found[0] == Difference("method.key", ("simclr", "barlow_twins"))
    values = {one.path: one.values for one in found}
    assert values["method.temperature"] == ("0.5", ABSENT)
    assert values["method.redundancy_weight"][0] == ABSENT


def test_values_as_people_write_them() -> None:
    assert [written(one) for one in (True, False, 1e-3, 0.1 + 0.2, [0.6, 0.8], "x", 3)] == [
        "yes", "no", "0.001", "0.3", "0.6, 0.8", "x", "3",
    ]  # fmt: skip
