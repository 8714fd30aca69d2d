"""Answer one resource a module: parse, call the studies, shape the answer."""
