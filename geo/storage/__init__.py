"""Store layers, their history and runs."""
