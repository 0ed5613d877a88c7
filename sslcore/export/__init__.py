"""Encoders and runs taken out of the workbench: one file a format, for command line and window."""
