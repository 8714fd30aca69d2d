"""Hold the look of maps and the words on them: data only."""
