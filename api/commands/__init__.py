"""Answer one command a module: parse, call the studies, tell the result."""
