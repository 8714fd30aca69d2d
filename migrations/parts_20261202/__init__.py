"""Parts that the migrations from 2026-11-30 on are put together from.

They stay as they are: a later step that needs them otherwise gets parts of its own date.
"""
