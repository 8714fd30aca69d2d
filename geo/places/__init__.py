"""Locate points and addresses in grids and divisions (rules L)."""
