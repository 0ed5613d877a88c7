import pytest
import torch

from sslcore.data.captions import Vocabulary, beside, words
from sslcore.data.catalogue import CatalogueError, scan
from sslcore.data.reading import Reading
from tests.sslcore.data.pictures import save


def test_words_are_lower_case_without_punctuation():
    assert words("A Dog's ball, über-red: 3 m!") == ["a", "dog's", "ball", "über", "red", "3", "m"]


def test_the_most_frequent_words_get_numbers_and_ties_go_by_alphabet():
    made = Vocabulary.build(["a b c", "a b", "a d", ""], limit=3)
    assert made.words == ("a", "b", "c")
    assert len(made) == 5
    tokens = made.tokens(["A d b", "c", "", "a a a a a a"], 4)
    assert tokens.dtype == torch.int64
    assert tokens.tolist() == [[2, 1, 3, 0], [4, 0, 0, 0], [0, 0, 0, 0], [2, 2, 2, 2]]


def test_a_saved_vocabulary_reads_sentences_as_before():
    made = Vocabulary.build(["red star", "red ground"], 10)
    assert torch.equal(Vocabulary(made.words).tokens(["star red"], 3), made.tokens(["star red"], 3))
    assert Vocabulary(()).tokens(["red"], 2).tolist() == [[1, 0]]


def test_text_files_of_the_same_name_are_captions(tmp_path):
    for name in ("a/1", "a/2", "b/1"):
        save(tmp_path / f"{name}.png")
    (tmp_path / "a" / "1.txt").write_bytes("\ufeffEin Hügel\nim  Schnee\n".encode())
    (tmp_path / "b" / "1.txt").write_text("0 0.5 0.5 0.1 0.2\n")  # boxes of a detector
    (tmp_path / "a" / "readme.txt").write_text("about these images")
    paths = ["a/1.png", "a/2.png", "b/1.png"]
    texts = ["a/1.txt", "b/1.txt", "a/readme.txt"]
    assert beside(tmp_path, paths, texts) == ["Ein Hügel im Schnee", "", ""]
    catalogue = scan(tmp_path)
    assert catalogue.captions == ("Ein Hügel im Schnee", "", "")
    assert catalogue.kinds == ("images", "captions")
    assert catalogue.classes == ("a", "b")


def test_a_csv_column_holds_captions(tmp_path):
    for name in ("1", "2"):
        save(tmp_path / f"{name}.png")
    (tmp_path / "labels.csv").write_text('path,Caption,label\n1.png,"a cat, asleep",x\n2.png,,y\n')
    catalogue = scan(tmp_path)
    assert catalogue.captions == ("a cat, asleep", "")
    assert "caption" not in catalogue.metadata


@pytest.fixture
def titled(tmp_path):
    for name in ("1", "2", "3"):
        save(tmp_path / f"{name}.png")
    (tmp_path / "1.txt").write_text("from a file")
    (tmp_path / "labels.csv").write_text(
        "path,label,caption,Titel,year,nothing\n"
        "1.png,x,a cat,eine Katze,1999,\n2.png,y,a dog,,2001,\n3.png,,a cow,eine Kuh,,\n"
    )
    return tmp_path


def test_captions_may_come_from_any_column(titled):
    assert scan(titled).captions == ("a cat", "a dog", "a cow")
    catalogue = scan(titled, Reading(captions="Titel"))
    assert catalogue.captions == ("eine Katze", "", "eine Kuh")
    assert catalogue.kinds == ("images", "captions")
    assert catalogue.metadata["caption"] == ("a cat", "a dog", "a cow"), "a column like others"
    assert "Titel" not in catalogue.metadata
    assert scan(titled, Reading(captions="year")).captions == ("1999", "2001", "")
    labels = scan(titled, Reading(captions="label"))
    assert labels.captions == ("x", "y", "")
    assert labels.classes == ("x", "y")
    assert scan(titled, Reading(kind="images", captions="Titel")).captions is None


def test_no_captions_are_taken_where_none_are_wanted(titled):
    catalogue = scan(titled, Reading(captions="none"))
    assert catalogue.captions is None
    assert catalogue.kinds == ("images",)
    assert catalogue.metadata["caption"] == ("a cat", "a dog", "a cow")
    assert catalogue.lacks["captions"].endswith("; data.captions = 'none' takes none")
    with pytest.raises(CatalogueError, match=r"data\.captions = 'none' takes none"):
        scan(titled, Reading(kind="captions", captions="none"))


def test_a_column_that_is_not_there_or_empty_is_told(titled):
    columns = "label, caption, Titel, year, nothing"
    for kind in ("auto", "images", "captions"):
        with pytest.raises(
            CatalogueError,
            match=rf"no CSV column 'title' to take captions from; .*'none' or one of: {columns}$",
        ):
            scan(titled, Reading(kind=kind, captions="title"))
    empty = scan(titled, Reading(captions="nothing"))
    assert empty.captions is None
    assert "its CSV column 'nothing' has no text for any image" in empty.lacks["captions"]
    (titled / "labels.csv").unlink()
    assert scan(titled).captions == ("from a file", "", "")
    with pytest.raises(CatalogueError, match=r"'Titel' to take captions .*there is no CSV file"):
        scan(titled, Reading(captions="Titel"))


@pytest.mark.parametrize("field", ["labels", "groups", "captions"])
def test_a_table_that_cannot_be_read_is_the_reason_where_its_column_is_asked_for(titled, field):
    (titled / "labels.csv").write_text("file,Titel\n1.png,eine Katze\n")
    assert scan(titled).problems[0].path == "labels.csv"
    with pytest.raises(CatalogueError, match=r"labels\.csv: no column 'path'"):
        scan(titled, Reading(**{field: "Titel"}))
