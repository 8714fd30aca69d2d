"""Serve the layers as OGC API Features, Parts 1 to 4 (CONTRACT section 3): one module per part of the standard."""
