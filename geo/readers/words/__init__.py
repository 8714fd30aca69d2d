"""Read the words, numbers, units and coordinates that people write into cells."""
