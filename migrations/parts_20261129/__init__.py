"""Hold the parts of steps of 2026-11-29."""
