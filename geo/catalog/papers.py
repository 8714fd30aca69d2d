"""Name the papers that sheets are printed on, the zones that an atlas has sheets of, and schemes of classes."""

from __future__ import annotations

#: Name -> short and long side in millimetres (ISO 216).
PAPERS = {"A4": (210, 297), "A3": (297, 420), "A2": (420, 594), "A1": (594, 841), "A0": (841, 1189)}
#: Layers of zones that an atlas may have a sheet for each of; the first is what it has where none is asked for.
ZONES_OF_ATLAS = ("townships", "villages", "grids")
#: How zones are sorted into classes by their share; the first, which compares, is that where none is asked for.
CLASS_SCHEMES = ("fixed", "quantile", "natural")
