"""Find which rows of two registers are the same cameras: names, evidence, one-to-one assignment; no I/O."""
