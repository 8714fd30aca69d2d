"""Open the doors: command line and HTTP."""

from __future__ import annotations

from importlib.metadata import version

__version__ = version("gridsight")
