"""Read any file of a layer into validated frames (``reading.read_layer``)."""
