"""Scores with intervals, diversity, bias, the summary of the grid, the difference between two revisions."""
