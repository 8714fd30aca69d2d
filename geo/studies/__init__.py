"""Answer one user question a function: read, analyse, store; the only place where analyses and stores meet."""
