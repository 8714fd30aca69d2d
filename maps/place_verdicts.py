"""Choose which places of a run a map draws, and with which verdict (rules P2, P4)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

#: Of the verdicts that a place has for several claims, the one that a map of all claims draws: the first of these.
WORST_FIRST = ("not_covered", "nothing", "maybe", "covered")


def has_claims(verdicts: gpd.GeoDataFrame | None) -> bool:
    """Return whether some place of a run belongs to a claim."""
    return verdicts is not None and bool(verdicts["claim"].notna().any())


def drawn_verdicts(verdicts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one row for each place of a claim, with the worst of its verdicts; of places without claims, all.

    Where some places belong to claims, the others, as every crossing of a county, are left to the layer of places.

    Examples
    --------
    >>> import shapely
    >>> rows = {"code": ["a", "a", "b"], "claim": ["x", "y", None], "verdict": ["covered", "maybe", "covered"]}
    >>> frame = gpd.GeoDataFrame(rows, geometry=shapely.points([[0, 0]] * 3), crs=4547)
    >>> drawn_verdicts(frame)[["code", "verdict"]].values.tolist()
    [['a', 'maybe']]
    """
    rows = verdicts[verdicts["claim"].notna().to_numpy(bool)] if has_claims(verdicts) else verdicts
    rank = rows["verdict"].map({name: at for at, name in enumerate(WORST_FIRST)}).to_numpy(float)
    order = np.argsort(rank, kind="stable")
    worst = rows.iloc[order].drop_duplicates("code")
    return worst.loc[worst.index.sort_values()]
