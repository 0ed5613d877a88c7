"""What features are worth: neighbours, collapse measures, projections."""
