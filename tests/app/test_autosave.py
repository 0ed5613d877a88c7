"""The recipe is kept, once, when changes pause."""

from app.autosave import Autosave
from app.settings import Settings


class Counted:
    """A recipe that counts how often it was written."""

    written = 0

    def __init__(self, text):
        self.text = text

    def to_toml(self):
        Counted.written += 1
        return self.text


def test_only_the_newest_of_many_changes_is_written(qtbot):
    Counted.written = 0
    settings = Settings()
    autosave = Autosave(settings)
    for number in range(50):
        autosave.later(Counted(f"[run]\nseed = {number}\n"))
    assert settings.recipe_text == ""
    qtbot.waitUntil(lambda: settings.recipe_text == "[run]\nseed = 49\n", timeout=5000)
    assert Counted.written == 1


def test_flush_writes_at_once_and_only_what_waits(qapp):
    Counted.written = 0
    settings = Settings()
    autosave = Autosave(settings)
    autosave.flush()
    autosave.later(Counted("[run]\n"))
    autosave.flush()
    autosave.flush()
    assert (settings.recipe_text, Counted.written) == ("[run]\n", 1)


def test_a_disk_that_refuses_is_told(qtbot):
    class Refusing:
        def to_toml(self):
            raise PermissionError(13, "Permission denied", "settings.ini")

    autosave = Autosave(Settings())
    autosave.later(Refusing())
    with qtbot.waitSignal(autosave.failed) as told:
        autosave.flush()
    assert told.args == ["settings.ini: Permission denied"]
