"""Bytes are those of the files, and clearing leaves the demo set alone."""

from app import disk


def fill(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 1000)


def test_nothing_there_is_nothing(settings):
    assert disk.measure(settings) == disk.Usage(0, 0, 0)
    disk.clear_cache(settings)


def test_caches_and_checkpoints_of_runs_are_counted(settings):
    fill(settings.cache_folder, "pixels/a.bin", "b.bin")
    fill(settings.runs_folder / "one", "recipe.toml", "checkpoints/step_1/w", "snapshots/s.npz")
    fill(
        settings.runs_folder / "two", "recipe.toml", "checkpoints/step_1/w", "checkpoints/step_2/w"
    )
    fill(settings.runs_folder / "no run", "checkpoints/w")
    assert disk.measure(settings) == disk.Usage(2000, 3000, 2)


def test_the_cache_alone_is_measured_to_the_byte(settings):
    assert disk.cache_bytes(settings) == 0
    fill(settings.cache_folder, "deep/pixels")
    (settings.cache_folder / "deep" / "more").write_bytes(b"x" * 234)
    assert disk.cache_bytes(settings) == 1234


def test_clearing_leaves_the_demo_set(settings):
    fill(settings.cache_folder, "pixels/a.bin", "b.bin")
    fill(settings.demo_folder, "cat/0.png")
    disk.clear_cache(settings)
    assert disk.measure(settings).cache == 1000
    assert list(settings.cache_folder.iterdir()) == [settings.demo_folder]
