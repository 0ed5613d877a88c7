"""From a folder to batches of pixels: catalogue, decoding, pixel store, loader, demo set."""
