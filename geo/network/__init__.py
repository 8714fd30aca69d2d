"""Roads as a graph: how far it is by road, and in which sectors and rounds it is patrolled (rules P7, P8)."""
