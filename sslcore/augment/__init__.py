"""Augmentation: randomness drawn apart from being applied, per sample, for whole batches."""
