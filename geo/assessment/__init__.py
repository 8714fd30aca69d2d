"""Assess coverage: where it is wanted, who is seen there, figures by zone, gaps and their causes (rules D, G)."""
