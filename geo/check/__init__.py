"""Check layers for what would make answers wrong (``checks.check``)."""
