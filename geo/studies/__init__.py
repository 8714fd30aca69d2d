"""Answer one user question per function: read, analyse, store; the only package that uses both analyses and stores."""
