"""Is the data good: reading completions, refusals, duplicates, expectations, the page that shows them."""
