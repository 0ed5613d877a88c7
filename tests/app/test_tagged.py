import numpy as np

from app.tagged import Tagged
from sslcore.data.tags import Tag

PLACES = {f"{row}.png": row for row in range(10)}
CONTENTS = {"horse": ("7.png", "2.png", "5.png"), "gone": ("x.png",), "big": ("2.png", "9.png")}


def test_paths_become_rows_and_what_is_away_is_counted():
    tagged = Tagged.of(CONTENTS, PLACES)
    assert tagged.names == ("horse", "gone", "big")
    assert tagged.of_tag("horse").tolist() == [2, 5, 7]
    assert tagged.of_tag("gone").tolist() == tagged.of_tag("unknown").tolist() == []
    assert dict(tagged.away) == {"horse": 0, "gone": 1, "big": 0}


def test_questions_about_rows_agree_with_plain_sets():
    tagged = Tagged.of(CONTENTS, PLACES)
    truth = {"horse": {2, 5, 7}, "gone": set(), "big": {2, 9}}
    for row in range(10):
        assert tagged.of_row(row) == tuple(name for name, rows in truth.items() if row in rows)
    rows = np.array([9, 0, 2])
    assert tagged.within(rows) == {"horse": 1, "big": 2}
    assert tagged.by_row(rows) == {2: ["horse", "big"], 9: ["big"]}


def test_a_map_is_coloured_by_the_tag_made_last():
    numbers, names = Tagged.of(CONTENTS, PLACES).colouring(np.array([9, 2, 7, 0]))
    assert names == ("horse", "gone", "big")
    assert numbers.tolist() == [2, 2, 0, -1]


def test_it_is_known_which_tags_are_the_few_label_set():
    tags = [Tag("horse", 1, few_labels=True), Tag("gone", 2), Tag("big", 3, few_labels=True)]
    assert Tagged.of(CONTENTS, PLACES, tags).few_labels == {"horse", "big"}
    assert Tagged.of(CONTENTS, PLACES).few_labels == frozenset()


def test_a_chosen_colour_counts_before_that_of_the_place():
    tags = [Tag("horse", 1, 5), Tag("gone", 2), Tag("big", 3, 0)]
    tagged = Tagged.of(CONTENTS, PLACES, tags)
    assert dict(tagged.colours) == {"horse": 5, "big": 0}
    assert tagged.tints == (5, 1, 0)
    assert Tagged.of(CONTENTS, PLACES).tints == (0, 1, 2)


def test_nothing_is_tagged_at_first():
    tagged = Tagged()
    assert tagged.names == ()
    assert tagged.within(np.arange(3)) == tagged.by_row(np.arange(3)) == {}
    assert tagged.colouring(np.arange(3))[0].tolist() == [-1, -1, -1]
