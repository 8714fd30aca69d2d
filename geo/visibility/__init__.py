"""Compute what cameras see: optics, obstacles, lines of sight, views (rules R, U, B)."""
