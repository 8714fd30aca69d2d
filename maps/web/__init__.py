"""Make the page of a run for a browser."""
