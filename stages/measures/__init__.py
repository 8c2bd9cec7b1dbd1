"""Scores with intervals, the summary of the grid, the difference between two revisions."""
