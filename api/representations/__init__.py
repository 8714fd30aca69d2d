"""Turn results into responses, tables, batches and maps of runs."""
