"""Answer what a text says of places with what a store has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from geo.assessment.rates import COUNTY
from geo.bounds import check_text
from geo.errors import NotFound
from geo.statements.comparing import Item, Known, compare
from geo.statements.finding import statements
from geo.statements.patterns import RATES
from geo.statements.statement import Statement
from geo.storage.protocol import Store
from geo.studies import place_claims, run_rates
from geo.studies.known_counts import LAYERS_OF, Span, beginning_of, counts
from geo.studies.stored_runs import data_day

#: Most characters of a text: that of a report of some hundred pages.
MAX_CHARACTERS = 100_000
#: How much of the cameras the asker may see: all, those of some townships, none.
Sees = Literal["all", "some", "none"]
_SCOPED_LAYER = "cameras"
#: Rates that a text may name and that need more than counted rows.
_RATES_OF_RUN = frozenset(f"rate:{name}" for name in RATES.values()) - set(LAYERS_OF)


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
    county: Store | None = None,
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
    county
        The same store with rights on the whole county, for rates, which do not depend on who asks; None for ``store``.
    claims
        Name of a set of places -> ``holds``, ``may_hold`` or ``fails`` (rule P4). None takes them from the newest run,
        where that is of the day asked for.
    rates
        Rate, as ``intact`` or ``filed`` -> its lowest and highest share (rule P6); they stand before those that are
        counted here. None takes those that rows alone do not give from the newest run, as claims.

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
    if claims is None:
        claims = _claims_of_run(store, found, at)
    if rates is None:
        rates = _rates_of_run(store, county or store, found, at)
    given = {f"rate:{name}": span for name, span in rates.items()}
    whole = Known({**known.counts, **given}, claims, known.partial)
    return Verification(text, tuple(compare(found, whole)))


def _names(store: Store, at: date | None) -> tuple[set[str], set[str]]:
    """Return the names of parts of the county, and those of the county itself; of several counties each is a part."""
    divisions = store.read("divisions", at=at)
    named = divisions[divisions["name"].notna()]
    counties = set(named.loc[named["level"] == "county", "name"].astype(str))
    parts = set(named.loc[named["level"] != "county", "name"].astype(str))
    parts |= set(store.read("villages", at=at)["name"].dropna().astype(str))
    return (parts, counties) if len(counties) <= 1 else (parts | counties | {"全县", "我县", "本县"}, set())


def _claims_of_run(store: Store, found: tuple[Statement, ...], at: date | None) -> dict[str, str]:
    """Return claim -> its verdict in the newest run; empty where no claim is made, or no run of the day judged any."""
    if not any(one.key is not None and one.key.startswith("claim:") for one in found):
        return {}
    run_id = _run_of_day(store, at)
    if run_id is None:
        return {}
    try:
        rows = place_claims.claims(store, run_id)[1]
    except NotFound:  # the run judged no places
        return {}
    return dict(zip(rows["claim"], rows["verdict"], strict=True))


def _rates_of_run(store: Store, county: Store, found: tuple[Statement, ...], at: date | None) -> dict[str, Span]:
    """Return rate -> its share in the newest run, of the rates that a text names and that rows alone do not give."""
    asked = {one.key.split(":")[1] for one in found if one.key in _RATES_OF_RUN}
    run_id = _run_of_day(store, at) if asked else None
    if run_id is None:
        return {}
    rows = run_rates.rates(county, run_id)[1]
    whole = rows[(rows["scope"] == COUNTY) & rows["key"].isna() & rows["rate"].isin(asked) & rows["value"].notna()]
    return {name: (share, share) for name, share in zip(whole["rate"], whole["value"].astype(float), strict=True)}


def _run_of_day(store: Store, at: date | None) -> str | None:
    """Return the newest run that the asker may read; None where there is none, or where it is of another day."""
    try:
        head = store.run("latest", layers=[])
    except NotFound:
        return None
    return head.id if at is None or data_day(store, head) == at else None


def _known(store: Store, found: tuple[Statement, ...], sees: Sees, at: date | None) -> Known:
    beginnings = {beginning_of(one.key) for one in found if one.key is not None} & set(LAYERS_OF)
    scoped = tuple(one for one in LAYERS_OF if _SCOPED_LAYER in LAYERS_OF[one])
    if sees == "none":
        beginnings -= set(scoped)
    layers = sorted({layer for one in beginnings for layer in LAYERS_OF[one]})
    frames = {layer: store.read(layer, at=at) for layer in layers}
    return Known(counts(frames, beginnings), {}, () if sees == "all" else scoped)
