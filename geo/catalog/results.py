"""Declare what an analysis gives: zone layers, figures, causes, tables of runs."""

from __future__ import annotations

#: The figures of a zone, in the order of RULES "Zones".
FIGURES = (
    "domain_m2", "domain_weight", "sure_m2", "possible_m2", "sure_share", "possible_share", "k2_share", "k3_share",
    "c1_share", "c2_share", "c3_share", "gap_m2", "cameras", "offline", "seeing",
)  # fmt: skip
