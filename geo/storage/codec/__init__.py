"""Turn frames, features and runs into stored rows and back; no store is touched here."""
