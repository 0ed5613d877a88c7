from typing import get_type_hints

from sslcore.data.reading import AS_FOUND, Reading
from sslcore.sections import DataSection


def test_every_answer_is_a_field_of_the_recipe_and_asks_for_nothing_at_first():
    assert DataSection().reading == AS_FOUND
    for name in get_type_hints(Reading):
        value = {"kind": "images", "channels": "native"}.get(name, "some")
        asked = DataSection().changed(**{name: value}).reading
        assert asked == Reading(**{name: value}), name


def test_a_column_is_named_by_any_answer_that_takes_one():
    assert not AS_FOUND.names_a_column
    assert not Reading("none", "pairs", "depth", "none", "none").names_a_column
    assert all(
        Reading(**{name: "Titel"}).names_a_column for name in ("labels", "groups", "captions")
    )
