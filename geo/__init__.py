"""See the engine."""
