"""Build the server database, one dated file per step; never import the engine."""
