"""Hold the steps, in the order their down_revision names."""
