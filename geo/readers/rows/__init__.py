"""Turn a source table into validated rows of a layer, with what was rejected, lost and assumed."""
