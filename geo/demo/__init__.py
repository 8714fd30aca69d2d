"""Draw a fictional county at real scale (``county.draw``)."""
