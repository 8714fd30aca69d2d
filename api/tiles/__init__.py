"""Serve vector tiles: from the server database over separate connections, or built in this process."""
