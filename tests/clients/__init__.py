"""Let the clients that planners use walk through the service, over sockets and with a key."""
