"""Icons, theme tokens and recipe presets, read through importlib.resources."""
