"""Which methods can more than the contract asks for, told before anything is built."""

import pytest

from sslcore.abilities import CarriesMasks, EmbedsSentences
from sslcore.method import find, registry


@pytest.mark.parametrize(
    ("ability", "keys"), [(EmbedsSentences, {"clip"}), (CarriesMasks, {"video_colorization"})]
)
def test_the_class_tells_what_a_method_can(ability: type, keys: set[str]) -> None:
    able = {key for key in registry() if issubclass(find(key), ability)}
    assert able >= keys
    assert all(find(key).card.needs == find(next(iter(keys))).card.needs for key in able)
