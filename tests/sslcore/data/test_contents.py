import shutil

from sslcore.data.catalogue import scan
from sslcore.data.reading import Reading
from tests.sslcore.data.pictures import save


def test_rows_know_their_files_and_copies_are_found(tmp_path):
    for number in range(4):
        save(tmp_path / f"{number}.png", seed=number)
    shutil.copy(tmp_path / "1.png", tmp_path / "z.png")
    catalogue = scan(tmp_path)
    assert [catalogue.path(row).name for row in (0, 4)] == ["0.png", "z.png"]
    assert catalogue.duplicates() == ((1, 4),)
    (tmp_path / "1.png").unlink()
    assert catalogue.duplicates() == (), "a file that is gone is equal to nothing"


def test_a_split_is_seeded_and_covers_all_rows_once(tmp_path):
    for number in range(20):
        save(tmp_path / f"{number}.png", seed=number)
    catalogue = scan(tmp_path, Reading(kind="images"))
    split = catalogue.split(3, 0.25)
    assert sorted([*split.train, *split.held_out]) == list(range(20))
    assert len(split.held_out) == 5
    assert split.train.tolist() == catalogue.split(3, 0.25).train.tolist()
    assert split.train.tolist() != catalogue.split(4, 0.25).train.tolist()
