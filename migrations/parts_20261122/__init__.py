"""Build layers in the database: what the migrations of 2026-11-22 and later ones share.

Frozen: a migration must mean the same in five years. What is to be built otherwise from some day on gets a package of
that day (``parts_20261128`` and later), and what is here stays as it is. One module is not frozen, ``changes``: steps
still to be written call it, and it builds with the newest package that the database has the steps of.
"""
