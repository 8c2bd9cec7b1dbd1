"""What turns the measures of the grid into the page that people look at."""
