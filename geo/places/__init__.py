"""Say which place a point or an address lies in (rules L)."""
