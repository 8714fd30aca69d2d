"""Render results on the web and in print from one set of layers."""
