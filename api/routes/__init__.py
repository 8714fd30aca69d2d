"""Respond to HTTP requests, one resource per module: parse, call the studies, represent the result."""
