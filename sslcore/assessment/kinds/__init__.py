"""The measurements: one file each, found by name."""
