"""Build the server database, one dated file a step; never import the engine."""
