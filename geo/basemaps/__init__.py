"""Answer base maps of the user's own as Web Mercator tiles, whatever they are kept as.

A source (``tile_sources``) has matrices of tiles in its own projection (``matrices``); ``warping`` draws each tile
asked for from the tiles of the matrix that fits its scale best, and takes the shift of GCJ-02 out point by point on the
way. ``opening`` chooses the source of a base map, ``relay`` fetches from other hosts, ``road_shift`` measures how far a
base map is off our roads.
"""
