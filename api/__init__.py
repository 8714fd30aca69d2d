"""Open the doors: command line and HTTP."""
