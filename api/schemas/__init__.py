"""Describe requests and responses, one resource per module."""
