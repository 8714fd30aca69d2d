"""Keep layers, their history and runs."""
