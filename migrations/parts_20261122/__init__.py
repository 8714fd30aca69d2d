"""Build layers in the database: what the migrations of 2026-11-22 and later ones share.

Frozen: a migration must mean the same in five years, so nothing here changes once it has been released. What must be
built otherwise from some day on gets a dated package of its own. Only ``changes`` follows them: it is called by steps
to come, and makes what it makes anew as the newest of these packages does.
"""
