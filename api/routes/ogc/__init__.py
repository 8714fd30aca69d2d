"""Serve the layers as OGC API Features, Parts 1 to 4 (docs/contract.md section 3): one module per part."""
