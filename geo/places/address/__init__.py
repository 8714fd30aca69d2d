"""Match address texts to places."""
