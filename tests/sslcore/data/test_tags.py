"""Tags: exact inverses, one transaction per change, and files that are not what they should be."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sslcore.data import tags
from sslcore.data.catalogue import scan
from sslcore.data.tags import (
    BESIDE_IMAGES,
    EXCLUDED,
    Change,
    Tag,
    TagError,
    TagStore,
    UnwritableError,
    path_name,
    tag_name,
)
from tests.sslcore.data.pictures import save

ROOT = Path(__file__).parents[3]


@pytest.fixture
def store(tmp_path: Path) -> TagStore:
    return TagStore(tmp_path / BESIDE_IMAGES)


def plain(store: TagStore) -> dict[str, tuple[str, ...]]:
    return {tag.name: paths for tag, paths in store.contents().items()}


def test_tags_come_back_in_order_of_first_use(store: TagStore) -> None:
    assert store.contents() == {}
    assert not store.path.exists(), "looking makes no file"
    store.change({"zebra": ("b.png", "a.png"), "ape": ("a.png",)})
    store.change({"zebra": ("c/d.png",), "mouse": ("a.png",)})
    again = TagStore(store.path)
    assert plain(again) == {
        "zebra": ("a.png", "b.png", "c/d.png"), "ape": ("a.png",), "mouse": ("a.png",),
    }  # fmt: skip
    assert again.counts() == {"zebra": 3, "ape": 1, "mouse": 1}
    assert again.tags_of("a.png") == ("zebra", "ape", "mouse")
    assert again.paths("zebra") == ("a.png", "b.png", "c/d.png")
    assert again.paths("unknown") == again.tags_of("unknown.png") == ()
    again.verify()


def test_only_what_changed_is_in_the_inverse(store: TagStore) -> None:
    store.change({"cat": ("a", "b")})
    inverse = store.change({"cat": ("b", "c")}, {"cat": ("x",), "dog": ("a",)})
    assert inverse == Change(removes={"cat": ("c",)})
    assert not store.change({"cat": ("a",)})
    assert not store.change({"cat": ()}, {"nobody": ("a",)})


def test_a_tag_without_images_is_gone_and_comes_back_in_its_place(store: TagStore) -> None:
    store.change({"first": ("a",)})
    store.change({"second": ("a",)})
    inverse = store.change(removes={"first": ("a",)})
    assert plain(store) == {"second": ("a",)}
    assert inverse == Change(adds={"first": ("a",)}, tags=(Tag("first", 1),))
    store.apply(inverse)
    assert list(plain(store)) == ["first", "second"]


@pytest.mark.parametrize("seed", range(4))
def test_every_inverse_is_exact_there_and_back(store: TagStore, seed: int) -> None:
    """Against a plain dictionary of sets that is changed beside it."""
    draw = random.Random(seed)
    names, paths = ["cat", "dog", "owl", EXCLUDED], [f"{n}.png" for n in range(6)]
    truth: dict[str, set[str]] = {}
    states, inverses = [store.contents()], []

    def some() -> dict[str, tuple[str, ...]]:
        return {name: tuple(draw.sample(paths, 3)) for name in draw.sample(names, 2)}

    for _ in range(25):
        kind = draw.choice(["change", "change", "rename", "delete", "colour", "few labels"])
        known = [name for name in truth if name != EXCLUDED]
        if kind == "rename" and known:
            old, new = draw.choice(known), draw.choice(["cat", "dog", "owl", "newt"])
            inverses.append(store.rename(old, new))
            truth[new] = truth.get(new, set()) | truth[old]
            if new != old:
                del truth[old]
        elif kind == "delete" and truth:
            name = draw.choice(sorted(truth))
            inverses.append(store.delete(name))
            del truth[name]
        elif kind == "colour" and truth:
            colour = draw.choice([None, *range(7)])
            inverses.append(store.recolour(draw.choice(sorted(truth)), colour))
        elif kind == "few labels":
            inverses.append(store.set_few_labels([one for one in known if draw.random() < 0.5]))
        else:
            adds, removes = some(), some()
            inverses.append(store.change(adds, removes))
            for name, gone in removes.items():
                truth[name] = truth.get(name, set()) - set(gone)
            for name, come in adds.items():
                truth[name] = truth.get(name, set()) | set(come)
            truth = {name: left for name, left in truth.items() if left}
        assert plain(store) == {name: tuple(sorted(truth[name])) for name in plain(store)}
        assert set(plain(store)) == set(truth)
        states.append(store.contents())
    forward = []
    for state, inverse in zip(states[-2::-1], inverses[::-1], strict=True):
        forward.append(store.apply(inverse))
        assert list(store.contents().items()) == list(state.items())
    for state, again in zip(states[1:], forward[::-1], strict=True):
        store.apply(again)
        assert list(store.contents().items()) == list(state.items())


def test_renaming_keeps_the_place_and_joins_a_name_that_is_taken(store: TagStore) -> None:
    store.change({"cat": ("a", "b")})
    store.change({"dog": ("b", "c")})
    back = store.rename("cat", "  kitten ")
    assert list(plain(store).items()) == [("kitten", ("a", "b")), ("dog", ("b", "c"))]
    store.rename("kitten", "dog")
    assert plain(store) == {"dog": ("a", "b", "c")}
    with pytest.raises(TagError, match="no tag 'kitten'"):
        store.rename("kitten", "cat")
    assert back.adds == {"cat": ("a", "b")}
    assert not store.rename("dog", "dog")
    with pytest.raises(TagError, match="'excluded' is kept"):
        store.rename("dog", EXCLUDED)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  horse \n", "horse"),
        ("two\t words", "two words"),
        ("cafe\u0301", "café"),
        ("馬", "馬"),
        ("x" * 64, "x" * 64),
    ],
)
def test_names_are_kept_in_one_form(given: str, kept: str) -> None:
    assert tag_name(given) == kept


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "at least one character"),
        (" \t", "at least one character"),
        ("x" * 65, "at most 64 characters, this one has 65"),
        ("a;b", "cannot contain ';'"),
        ("a\x00b", "cannot be shown"),
        ("\udc80", "cannot be shown"),
    ],
)
def test_what_cannot_be_a_name_is_said(store: TagStore, given: str, words: str) -> None:
    with pytest.raises(TagError, match=words):
        store.change({"fine": ("a",), given: ("a",)})
    assert store.contents() == {}, "nothing of the change was done"


@pytest.mark.parametrize("path", ["", "/etc/x.png", "../x.png", "a/../../x.png"])
def test_paths_outside_the_folder_are_refused(path: str) -> None:
    with pytest.raises(TagError, match="no path within the folder"):
        path_name(path)


def test_a_path_is_found_however_its_accents_are_composed(store: TagStore) -> None:
    store.change({"x": ("cafe\u0301.png",)})
    assert store.tags_of("caf\u00e9.png") == ("x",)


# Files that are not what they should be


@pytest.mark.parametrize("what", ["text", "database", "newer"])
def test_what_is_not_ours_is_left_as_it_is(store: TagStore, what: str) -> None:
    if what == "text":
        store.path.write_text("not a database, but somebody's notes\n" * 100)
        words = "not a file of tags, or damaged"
    elif what == "database":
        with sqlite3.connect(store.path) as other:
            other.execute("CREATE TABLE tag (mine TEXT)")
        other.close()
        words = "database of another program"
    else:
        store.change({"a": ("b",)})
        with sqlite3.connect(store.path) as other:
            other.execute("PRAGMA user_version = 9")
        other.close()
        words = "written by a newer SSL Workbench"
    before = store.path.read_bytes()
    for use in (store.contents, store.counts, store.verify, lambda: store.change({"x": ("y",)})):
        with pytest.raises(TagError, match=words) as caught:
            use()
        assert str(store.path) in str(caught.value)
    assert store.path.read_bytes() == before


def test_damage_in_the_middle_is_found(store: TagStore) -> None:
    store.change({"cat": tuple(f"some/longer/path/{n:05d}.png" for n in range(2000))})
    content = bytearray(store.path.read_bytes())
    content[8192:12288] = b"\xa5" * 4096
    store.path.write_bytes(content)
    with pytest.raises(TagError, match="damaged"):
        store.verify()


def test_an_empty_file_is_a_store_that_was_never_written(store: TagStore) -> None:
    store.path.touch()
    assert store.contents() == {}
    store.change({"a": ("b",)})
    assert plain(store) == {"a": ("b",)}


def test_a_place_that_cannot_be_written_is_told_apart(
    store: TagStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = TagStore(tmp_path / "gone" / BESIDE_IMAGES)
    assert nowhere.contents() == {}
    with pytest.raises(UnwritableError, match=r"gone.*cannot be opened or written.*Settings"):
        nowhere.change({"a": ("b",)})
    store.change({"a": ("b",)})
    connect = sqlite3.connect

    def read_only(address: str, **options: object) -> sqlite3.Connection:
        return connect(address.replace("mode=rwc", "mode=ro"), **options)

    monkeypatch.setattr(tags.sqlite3, "connect", read_only)
    with pytest.raises(UnwritableError, match="another place"):
        store.change({"c": ("d",)})
    assert plain(store) == {"a": ("b",)}, "what is there can be read all the same"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only(store: TagStore) -> None:
    store.change({"a": ("b",)})
    store.path.parent.chmod(0o555)
    try:
        assert plain(store) == {"a": ("b",)}
        with pytest.raises(UnwritableError):
            store.change({"c": ("d",)})
    finally:
        store.path.parent.chmod(0o755)


def test_another_process_that_writes_is_waited_for(
    store: TagStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.change({"a": ("b",)})
    other = sqlite3.connect(store.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(tags, "WAIT", 0.05)
    with pytest.raises(TagError, match="another program has been writing") as caught:
        store.change({"c": ("d",)})
    assert str(store.path) in str(caught.value)
    assert not isinstance(caught.value, UnwritableError)
    monkeypatch.setattr(tags, "WAIT", 60.0)
    release = threading.Timer(0.2, other.execute, ["COMMIT"])
    release.start()
    store.change({"c": ("d",)})
    release.join()
    other.close()
    assert plain(store) == {"a": ("b",), "c": ("d",)}


def test_several_threads_take_turns(store: TagStore) -> None:
    def work(number: int) -> None:
        for image in range(10):
            store.change({f"tag {number}": (f"{image}.png",)})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert store.counts() == {f"tag {number}": 10 for number in range(4)} | store.counts()
    assert sum(store.counts().values()) == 40


WRITER = """
import sys
from pathlib import Path
from sslcore.data.tags import TagStore
store = TagStore(Path(sys.argv[1]))
number = int(sys.argv[2])
while True:
    store.change({"tag": tuple(f"{number}/{image}.png" for image in range(50))})
    print(number, flush=True)
    number += 1
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_process_loses_nothing_that_was_answered(store: TagStore) -> None:
    answered = -1
    for round_ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(store.path), str(answered + 1)],
            stdout=subprocess.PIPE, cwd=ROOT, text=True,
        ) as child:  # fmt: skip
            assert child.stdout is not None
            for _ in range(3 + 2 * round_):
                answered = int(child.stdout.readline())
            child.send_signal(signal.SIGKILL)
            rest = child.stdout.read().split()
            answered = int(rest[-1]) if rest else answered
        assert child.returncode == -signal.SIGKILL
        again = TagStore(store.path)
        again.verify()
        found = again.paths("tag")
        changes = {int(path.split("/")[0]) for path in found}
        assert set(range(answered + 1)) <= changes
        assert max(changes) <= answered + 1
        assert len(found) == 50 * len(changes), "a change is there as a whole or not at all"
        answered = max(changes)


def test_a_scan_does_not_take_the_file_for_data(store: TagStore) -> None:
    save(store.path.parent / "a.png")
    before = scan(store.path.parent)
    store.change({"a": ("a.png",)})
    after = scan(store.path.parent)
    assert (after.paths, after.fingerprint, after.problems) == (
        before.paths, before.fingerprint, before.problems,
    )  # fmt: skip
