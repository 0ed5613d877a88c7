import pytest

from app import wording


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (2460, "41 min"),
        (3599, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (-3, "0 s"),
    ],
)
def test_durations(seconds, words):
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(12, "12 bytes"), (812_000, "812 kB"), (3.1e9, "3.1 GB"), (1.44e6, "1.4 MB")],
)
def test_sizes(count, words):
    assert wording.size(count) == words


def test_counts_agree_with_their_noun():
    assert wording.count(1, "image") == "1 image"
    assert wording.count(50_000, "image") == "50,000 images"
    assert wording.count(2, "class", "classes") == "2 classes"


def test_errors_read_as_sentences():
    assert wording.sentence(FileNotFoundError(2, "No such file or directory", "x.png")) == (
        "x.png: No such file or directory"
    )
    assert wording.sentence(ValueError("run.seed = -1: too low")) == "run.seed = -1: too low"
    assert wording.sentence(KeyError("z_a")) == "KeyError: 'z_a'"
    assert wording.sentence(AssertionError()) == "AssertionError"


def test_run_names_are_safe_for_every_disk():
    name = wording.run_name("simclr", "my photos/äö:2")
    assert name.endswith("simclr-my-photos-äö-2")
    assert not set(name) & set('/\\:*?"<>| ')


def test_names_of_recipes_are_spoken():
    assert wording.spoken("resnet_small") == "Small ResNet"
    assert wording.spoken("vit_mini") == "Mini ViT"
    assert wording.spoken("timm:convnext_tiny") == "convnext_tiny"
    assert wording.spoken("salt_and_pepper") == "salt and pepper"
    assert wording.spoken(3) == "3"


def test_long_folder_names_still_make_run_names():
    assert len(wording.run_name("simclr", "ä" * 250).encode()) < 200
