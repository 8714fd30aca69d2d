"""Draw results: one set of layers, on the web and on paper."""
