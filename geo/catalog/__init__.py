"""Declare what there is, once: layers and their fields, results and their figures."""
