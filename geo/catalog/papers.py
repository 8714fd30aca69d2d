"""Name the papers that sheets are printed on."""

from __future__ import annotations

#: Name -> short and long side in millimetres (ISO 216).
PAPERS = {"A4": (210, 297), "A3": (297, 420), "A2": (420, 594), "A1": (594, 841), "A0": (841, 1189)}
