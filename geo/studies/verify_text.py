"""Answer what a text says of places with what a store has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from geo.bounds import check_text
from geo.statements.comparing import Item, Known, compare
from geo.statements.finding import statements
from geo.statements.statement import Statement
from geo.storage.protocol import Store
from geo.studies.known_counts import LAYERS_OF, Span, beginning_of, counts

#: Most characters of a text: that of a report of some hundred pages.
MAX_CHARACTERS = 100_000
#: How much of the cameras the asker may see: all, those of some townships, none.
Sees = Literal["all", "some", "none"]
_SCOPED_LAYER = "cameras"


@dataclass(frozen=True)
class Verification:
    """A text with what it says of places, and the answers.

    Attributes
    ----------
    text
        The text that the positions of the items are positions in.
    items
        In the order of the text.
    """

    text: str
    items: tuple[Item, ...]


def verify(
    store: Store,
    text: str,
    *,
    sees: Sees = "all",
    at: date | None = None,
    claims: Mapping[str, str] | None = None,
    rates: Mapping[str, Span] | None = None,
) -> Verification:
    """Return what a text says of places, each with what the store has and whether that is equal.

    Parameters
    ----------
    store
        Acting for the asker.
    text
        Chinese or English, at most ``MAX_CHARACTERS``.
    sees
        How much of the cameras the asker may see. Who does not see all is told no answer on them; who sees some is told
        the count of those.
    at
        The day whose rows count; None for today.
    claims
        Name of a set of places -> ``holds``, ``may_hold`` or ``fails`` (rule P4); without it no claim is checked.
    rates
        Rate, as ``intact`` or ``filed`` -> its lowest and highest share (rule P6); they stand before those that are
        counted here.

    Raises
    ------
    BadValue
        The text is too long, or holds characters that no store takes.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> squares = gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     _ = store.write("grids", squares.set_crs(4326), "upsert", actor="li")
    ...     found = verify(store, "全县划分2个网格，网格员12名，破获案件3起")
    >>> [(item.text, item.said, item.have, item.answer) for item in found.items]
    [('2个网格', 2, 2, 'equal')]
    >>> folder.cleanup()
    """
    check_text(text, max_characters=MAX_CHARACTERS)
    with store.snapshot():
        part_names, county_names = _names(store, at)
        found = statements(text, part_names=part_names, county_names=county_names)
        known = _known(store, found, sees, at)
    given = {f"rate:{name}": span for name, span in (rates or {}).items()}
    whole = Known({**known.counts, **given}, claims or {}, known.partial)
    return Verification(text, tuple(compare(found, whole)))


def _names(store: Store, at: date | None) -> tuple[set[str], set[str]]:
    """Return the names of parts of the county, and those of the county itself; of several counties each is a part."""
    divisions = store.read("divisions", at=at)
    named = divisions[divisions["name"].notna()]
    counties = set(named.loc[named["level"] == "county", "name"].astype(str))
    parts = set(named.loc[named["level"] != "county", "name"].astype(str))
    parts |= set(store.read("villages", at=at)["name"].dropna().astype(str))
    return (parts, counties) if len(counties) <= 1 else (parts | counties | {"全县", "我县", "本县"}, set())


def _known(store: Store, found: tuple[Statement, ...], sees: Sees, at: date | None) -> Known:
    beginnings = {beginning_of(one.key) for one in found if one.key is not None} & set(LAYERS_OF)
    scoped = tuple(one for one in LAYERS_OF if _SCOPED_LAYER in LAYERS_OF[one])
    if sees == "none":
        beginnings -= set(scoped)
    layers = sorted({layer for one in beginnings for layer in LAYERS_OF[one]})
    frames = {layer: store.read(layer, at=at) for layer in layers}
    return Known(counts(frames, beginnings), {}, () if sees == "all" else scoped)
