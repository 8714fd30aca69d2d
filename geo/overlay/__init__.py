"""Overlay polygons exactly, tile by tile: noding, faces, dissolving, poles of inaccessibility (rule C3)."""
