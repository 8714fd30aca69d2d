"""Fetch vector tiles from the store, by a pool of their own."""
