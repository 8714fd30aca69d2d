"""Name papers, how they lie, what sheets draw and how they sort zones, and what an atlas has sheets of."""

from __future__ import annotations

#: Name -> short and long side in millimetres (ISO 216).
PAPERS = {"A4": (210, 297), "A3": (297, 420), "A2": (420, 594), "A1": (594, 841), "A0": (841, 1189)}
#: Layers of zones that an atlas may have a sheet for each of; the first is what it has where none is asked for.
ZONES_OF_ATLAS = ("townships", "villages", "grids")
#: What a sheet has drawn over its zones; each can be left out of the map, never of the figures.
LAYERS_OF_SHEET = ("cameras", "gaps", "coverage", "roads", "buildings", "places")
#: Letters that a title may have; in a larger one no letter is legible beside the classification.
MOST_TITLE_LETTERS = 100
#: How a sheet may lie; ``auto`` is as suits what it shows.
ORIENTATIONS = ("auto", "landscape", "portrait")
#: How zones are sorted into classes by their share; the first, which compares, is that where none is asked for.
CLASS_SCHEMES = ("fixed", "quantile", "natural")


def paper_lying(paper: str, orientation: str) -> str:
    """Return the name of a paper that lies in one way, of ``ORIENTATIONS``; the paper alone where either will do.

    Examples
    --------
    >>> paper_lying("A3", "portrait"), paper_lying("A3", "auto")
    ('A3-portrait', 'A3')
    """
    return paper if orientation == ORIENTATIONS[0] else f"{paper}-{orientation}"
