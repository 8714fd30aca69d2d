"""Find the stored division that a list names by another form of its code: 620622102000 and 620622 102 are 620622102."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np

from geo.catalog.division_codes import compared_code
from geo.catalog.layers import layer as layer_of
from geo.errors import RowFault
from geo.sentences import sentence
from geo.storage.protocol import Store, WriteMode
from geo.studies.other_ids import KnownRows

#: Layers whose codes are those of divisions, which lists pad with zeros to 6 or 12 digits.
PADDED_LAYERS = ("divisions", "villages")
#: Sentence of the report for rows found so.
FOUND = "代码与已有的只差补零、空格或全角，按已有的代码更新"
FOUND += " / codes that differ from the stored ones by padding, spaces or width only: the stored rows are updated"


def rows_by_stored_codes(
    store: Store, layer: str, frame: gpd.GeoDataFrame, features: np.ndarray, *, source: str, mode: WriteMode
) -> tuple[KnownRows, Mapping[str, int]]:
    """Return rows of divisions or villages under the codes that they are stored by, and a note on other forms of these.

    Of two rows of a file whose codes are one the first is kept, the other rejected.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> stored = gpd.GeoDataFrame({"code": ["620622102"], "level": ["township"]}, geometry=[None], crs="EPSG:4326")
    >>> listed = gpd.GeoDataFrame({"code": ["620622102000", "620622103000"]}, geometry=[None, None], crs="EPSG:4326")
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     _ = store.write("divisions", stored, "upsert", actor="li")
    ...     known, _ = rows_by_stored_codes(store, "divisions", listed, np.arange(2), source="a.csv", mode="upsert")
    >>> known.frame["code"].tolist()
    ['620622102', '620622103000']
    >>> folder.cleanup()
    """
    key = layer_of(layer).key
    keys = frame[key].astype(str).tolist()
    stored: list[str] = [] if mode == "replace" or not keys else store.read(layer)[key].astype(str).tolist()
    there = set(stored)
    as_stored: dict[str, str] = {}
    for one in stored:
        as_stored.setdefault(compared_code(one), one)
    found = [one if one in there else as_stored.get(compared_code(one), one) for one in keys]
    first: dict[str, int] = {}
    rejects: list[RowFault] = []
    for row, one in enumerate(found):
        code = compared_code(one) if one not in there else one
        feature = int(features[row])
        if first.setdefault(code, feature) != feature:
            reason = sentence(f"代码与第 {first[code]} 行的是同一个", f"the code is that of row {first[code]}")
            rejects.append(RowFault(source, str(feature), key, reason, keys[row]))
    twice = {int(fault.row) for fault in rejects}
    kept = ~np.isin(features, list(twice))
    count = sum(new != old for new, old, stays in zip(found, keys, kept.tolist(), strict=True) if stays)
    if not count and not rejects:
        return KnownRows(frame, features), {}
    rows = frame.assign(**{key: found})[kept].reset_index(drop=True)
    return KnownRows(rows, features[kept], rejects=rejects), {FOUND: count} if count else {}
