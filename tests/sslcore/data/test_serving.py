import numpy as np
import pytest

from sslcore.data import demo_kinds
from sslcore.data.catalogue import CatalogueError, scan
from sslcore.data.reading import Reading
from tests.sslcore.data.pictures import noise, save


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    top = tmp_path_factory.mktemp("kinds")
    for kind in demo_kinds.COUNTS:
        demo_kinds.make(top / kind, kind, count=12, size=16)
    return top


@pytest.mark.parametrize("kind", list(demo_kinds.COUNTS))
def test_a_folder_tells_its_kind_by_itself_and_can_be_overruled(folder, kind):
    assert scan(folder / kind).kinds == ("images", kind)
    assert scan(folder / kind, Reading(kind=kind)).kinds == ("images", kind)
    plain = scan(folder / kind, Reading(kind="images"))
    assert plain.kinds == ("images",)
    assert plain.sequences is plain.targets is plain.captions is plain.groups is None
    for other in set(demo_kinds.COUNTS) - {kind}:
        assert scan(folder / kind).lacks[other].startswith(f"needs {other}: ")


def test_what_was_asked_for_and_is_not_there_is_refused_with_what_is_missing(tmp_path):
    for name in ("x.png", "y.png"):
        save(tmp_path / name)
    for kind, words in (
        (
            "sequences",
            "needs sequences: folders of numbered frames or videos; this folder has sing",
        ),
        ("pairs", "needs pairs: two folders with the same file names"),
        ("captions", "needs captions: a text file of the same name beside each image"),
    ):
        with pytest.raises(CatalogueError, match=words):
            scan(tmp_path, Reading(kind=kind))


def test_no_sequence_is_torn_by_the_split(folder):
    catalogue = scan(folder / "sequences")
    split = catalogue.split(0, 0.3)
    numbers = catalogue.sequences.numbers(len(catalogue))
    assert len(split.held_out)
    assert not set(numbers[split.train]) & set(numbers[split.held_out])


def test_numbered_class_folders_are_no_sequences_unless_a_person_says_so(tmp_path):
    for name in ("cat", "dog"):
        for number in range(30):
            save(
                tmp_path / name / f"{number:03d}.png",
                noise(12, 12, seed=number + 50 * (name == "dog")),
            )
    catalogue = scan(tmp_path)
    assert catalogue.kinds == ("images",)
    assert catalogue.groups is None
    assert catalogue.classes == ("cat", "dog")
    assert "data.kind = 'sequences'" in catalogue.lacks["sequences"]
    told = scan(tmp_path, Reading(kind="sequences"))
    assert told.kinds == ("images", "sequences")
    assert told.classes == (), "a folder that is one sequence is no class"


def test_a_group_of_the_csv_holds_several_sequences_together(tmp_path):
    lines = ["path,group"]
    for clip, person in (("a", "x"), ("b", "x"), ("c", "y")):
        for number in range(4):
            save(tmp_path / clip / f"{number}.png", np.full((12, 12, 3), 20 * number, np.uint8))
            lines.append(f"{clip}/{number}.png,{person if number == 0 else ''}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    groups = scan(tmp_path, Reading(kind="sequences")).groups
    assert groups[:8].tolist() == [groups[0]] * 8
    assert groups[8:].tolist() == [groups[8]] * 4
    assert groups[0] != groups[8]


def test_frames_of_a_video_are_rows_and_its_folder_a_class(tmp_path):
    pytest.importorskip("av")
    from tests.sslcore.data.test_video import film

    film(tmp_path / "run" / "one.mp4", 6)
    film(tmp_path / "run" / "two.mp4", 5)
    film(tmp_path / "walk" / "three.mp4", 4)
    (tmp_path / "labels.csv").write_text("path,site\nrun/one.mp4,north\nwalk/three.mp4,south\n")
    catalogue = scan(tmp_path)
    assert len(catalogue) == 15
    assert catalogue.paths[6] == "run/two.mp4#000000"
    assert catalogue.sequences.lengths.tolist() == [6, 5, 4]
    assert catalogue.classes == ("run", "walk")
    assert catalogue.metadata["site"] == ("north",) * 6 + ("",) * 5 + ("south",) * 4
    assert catalogue.problems == ()
