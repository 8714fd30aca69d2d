"""Parts that the migrations from 2026-12-02 on are put together from.

They stay as they are: a later step that needs them otherwise gets parts of its own date.
"""
