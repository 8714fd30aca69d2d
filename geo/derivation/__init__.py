"""Derive places from roads and from other places: crossings, sections, rings, gates (rule P5); no I/O."""
