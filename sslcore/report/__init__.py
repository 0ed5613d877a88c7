"""A run on one page: HTML that needs nothing else, for those who have no workbench."""
