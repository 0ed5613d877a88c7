"""Run directories: events on disk, and the record that folds them."""
