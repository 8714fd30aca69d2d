"""Cut layers into vector tiles."""
