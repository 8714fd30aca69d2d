"""Provide the command line and the HTTP service."""

from __future__ import annotations

from importlib.metadata import version

__version__ = version("gridsight")
