"""Plots of arrays and diagnostics; they know no method and no run."""
