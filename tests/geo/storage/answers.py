"""Ask a workspace everything that the answers kept beside an old one tell, as plain values; also run by itself.

Run with the path of a writable workspace, that of a read-only one and the answers, it gives up the rights of root,
asks the second and writes to stdout what came out: root may write to what is read-only, so only another account shows
what a read-only file is like.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely.geometry

from geo.catalog.layers import LAYERS
from geo.errors import NotFound
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.studies.locate_positions import locate_address, locate_point
from geo.studies.outages import outage
from geo.studies.stored_runs import gaps


def ask(store: Store, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that the answers tell of layers, history, days, runs and places; the store stays as it is."""
    run = store.run(expected["run"]["id"])
    site, today = expected["outage"]["site"], expected["day"]
    return {
        "layers": {
            name: {"revision": store.revision(name), "rows": rows_of(store.read(name))} for name in expected["layers"]
        },
        "history": history_of(store),
        "at": {
            day: {name: keys_at(store, name, day) for name in layers} for day, layers in expected["at"].items()
        },
        "features": [feature_at(store, one) for one in expected["features"]],
        "run": {
            "id": run.id,
            "created": run.created,
            "options": plain(run.options),
            "summary": plain(run.summary),
            "layers": {name: table_of(frame) for name, frame in run.layers.items()},
        },
        "gaps": len(gaps(store, run.id)[1]),
        "outage": {"site": site, "grids": table_of(outage(store, [site], run.id).frames["grids"])},
        "points": [{**one, "match": located_point(store, one, today)} for one in expected["points"]],
        "addresses": [{**one, "match": located_address(store, one["text"], today)} for one in expected["addresses"]],
    }  # fmt: skip


def history_of(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Return all past versions of the layers that have any."""
    past = {name: rows_of(store.versions(name).history) for name in LAYERS}
    return {name: rows for name, rows in past.items() if rows}


def keys_at(store: Store, layer: str, day: str) -> list[str]:
    return store.read(layer, at=date.fromisoformat(day))[LAYERS[layer].key].tolist()


def feature_at(store: Store, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return one row as it was on a day, with its version; None for both where it was not."""
    feature, version = None, None
    with contextlib.suppress(NotFound):
        feature, version = store.get(asked["layer"], asked["key"], at=date.fromisoformat(asked["at"]))
    return {**{name: asked[name] for name in ("layer", "key", "at")}, "version": version, "feature": plain(feature)}


def located_point(store: Store, asked: Mapping[str, Any], today: str) -> dict[str, Any]:
    at = date.fromisoformat(asked.get("at", today))
    found = locate_point(
        store, asked["lon"], asked["lat"], asked["crs"], accuracy=asked.get("accuracy", 20.0), at=at
    )  # fmt: skip
    return plain(dataclasses.asdict(found))


def located_address(store: Store, text: str, today: str) -> dict[str, Any]:
    return plain(dataclasses.asdict(locate_address(store, text, at=date.fromisoformat(today))))


def rows_of(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the rows of a layer: the fields that are not null, and the shape as GeoJSON."""
    shapes = [plain(shapely.geometry.mapping(shape)) for shape in frame.geometry]
    return [{**row, "geometry": shape} for row, shape in zip(table_of(frame), shapes, strict=True)]


def table_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame without shapes: the values that are not null."""
    data = frame.drop(columns=frame.geometry.name) if isinstance(frame, gpd.GeoDataFrame) else frame
    columns = {name: data[name].astype(object).where(data[name].notna(), None).tolist() for name in data.columns}
    return [plain(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def plain(value: Any) -> Any:
    """Return a value as JSON has it; what is null is left out of a mapping."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.item() if hasattr(value, "item") else value


def require_same(got: Any, expected: Any, where: str = "", *, rel: float = 0.0) -> None:
    """Raise AssertionError, naming the place, unless all that is expected is there with the very same value.

    A later version may know more names than an older one wrote: a name that no row of the older one has is passed
    over. ``rel`` is how far numbers may differ, relative to their size.
    """
    if isinstance(expected, Mapping):
        assert isinstance(got, Mapping), where
        for name, one in expected.items():
            assert name in got or one is None, f"{where}/{name} is missing"
            require_same(got.get(name), one, f"{where}/{name}", rel=rel)
    elif isinstance(expected, list):
        assert isinstance(got, list | tuple), where
        assert len(got) == len(expected), f"{where}: {len(got)} instead of {len(expected)}"
        known = {name for one in expected if isinstance(one, Mapping) for name in one}
        for k, (mine, one) in enumerate(zip(got, expected, strict=True)):
            if isinstance(one, Mapping):
                added = sorted(name for name in known - set(one) if mine.get(name) is not None)
                assert not added, f"{where}/{k}: {added} were null"
            require_same(mine, one, f"{where}/{k}", rel=rel)
    elif isinstance(expected, float) and rel:
        assert math.isclose(got, expected, rel_tol=rel, abs_tol=1e-12), f"{where}: {got!r} instead of {expected!r}"
    else:
        assert got == expected, f"{where}: {got!r} instead of {expected!r}"


def give_up_root(path: Path) -> None:
    """Become the account nobody where this is root, and make sure that the file can be read and not be changed."""
    if os.geteuid() == 0:
        import pwd

        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setresgid(nobody.pw_gid, nobody.pw_gid, nobody.pw_gid)
        os.setresuid(nobody.pw_uid, nobody.pw_uid, nobody.pw_uid)
    assert path.read_bytes()[:15] == b"SQLite format 3"
    for other, mode in ((path, "r+b"), (path.with_name("new"), "wb")):
        try:
            other.open(mode).close()
        except PermissionError:
            continue
        raise AssertionError(f"{other} can be written to")


def main(writable: Path, read_only: Path, answers: Path) -> None:
    expected = json.loads(answers.read_text(encoding="utf-8"))
    day = date.fromisoformat(expected["day"])
    # First the writable one: whatever is compiled or cached on first use needs rights that are about to go.
    with open_store(writable, create=False, today=lambda: day) as store:
        ask(store, expected)
    give_up_root(read_only)
    with open_store(read_only, create=False, today=lambda: day) as store:
        json.dump(ask(store, expected), sys.stdout)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
