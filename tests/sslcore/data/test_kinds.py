from typing import get_args

from sslcore.data.kinds import WHAT, Kind, lacking


def test_every_kind_a_person_may_ask_for_is_explained():
    assert {"auto", *WHAT} == set(get_args(Kind))


def test_the_sentence_names_what_is_needed_and_what_is_there():
    assert lacking("sequences", ["images"]) == (
        "needs sequences: folders of numbered frames or videos; this folder has single images"
    )
    assert lacking("images", ["captions", "pairs"]).endswith("this folder has captions and pairs")
    assert lacking("pairs", ["images"], "depth/ is empty").endswith("; depth/ is empty")
