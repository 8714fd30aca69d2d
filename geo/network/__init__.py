"""Roads as a graph: where they meet, how far it is, in which sectors and rounds they are patrolled (P5, P7, P8)."""
