"""Describe what goes over the wire, one resource a module."""
