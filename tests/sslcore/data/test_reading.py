from typing import get_type_hints

from sslcore.data.reading import AS_FOUND, Reading
from sslcore.sections import DataSection


def test_every_answer_is_a_field_of_the_recipe_and_asks_for_nothing_at_first():
    assert DataSection().reading == AS_FOUND
    for name in get_type_hints(Reading):
        value = "images" if name == "kind" else "some"
        asked = DataSection().changed(**{name: value}).reading
        assert asked == Reading(**{name: value}), name
