"""Assess coverage: the domain, figures by zone, gaps and their causes (rules D, G)."""
