import torch

from sslcore.data.captions import Vocabulary, beside, words
from sslcore.data.catalogue import scan
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
