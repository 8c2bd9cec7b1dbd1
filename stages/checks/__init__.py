"""Is the data good: reading completions, refusals, duplicates, expectations."""
