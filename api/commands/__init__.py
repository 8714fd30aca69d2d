"""Answer one command a module: declare its options, call the studies, print the result.

A command module imports click, the console and ``geo.catalog`` at its top, nothing else: the choices of its options
come from the catalogue. What the work needs is imported in the function that does it, so that ``--help`` loads no
engine and a short question only what it needs; ``tests/api/test_startup.py`` holds the modules to it.
"""
