"""What is measured of a run: one file a measurement, for the command line and the window."""
