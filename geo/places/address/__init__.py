"""Match address texts to stored addresses."""
