"""Turn results into what goes out of a door: answers, tables, batches, maps of runs."""
