"""Ask the stable names of `import geo` about a county; run by the python of the code that is asked.

``python -P frames.py WORKSPACE OUT`` writes one JSON object, name of an answer -> its text. Nothing of the code is
imported but `geo`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import geo

_METRES = "EPSG:4543"


def shown(value: Any) -> str:
    """Return a value so that different ones differ: floats whole, shapes by size, box and hash, frames row by row."""
    for kind, show in _SHOWN:
        if isinstance(value, kind):
            return show(value)
    if is_dataclass(value):
        parts = ", ".join(f"{one.name}={shown(getattr(value, one.name))}" for one in fields(value))
        return f"{type(value).__name__} {parts}"
    return repr(value)


def _frame(value: pd.DataFrame) -> str:
    head = f"{list(value.columns)} crs {getattr(value, 'crs', None)} index {value.index.name}"
    rows = zip(value.index, value.itertuples(index=False), strict=True)
    return "\n".join([head, *(f"{key!r}: {' | '.join(map(shown, row))}" for key, row in rows)])


def _shape(value: shapely.Geometry) -> str:
    size = f"{value.geom_type} {shapely.get_num_coordinates(value)} points {value.area!r} {value.bounds}"
    return f"{size} {hashlib.sha256(shapely.to_wkb(value)).hexdigest()}"


def _pairs(value: pd.Series | Mapping[str, Any]) -> str:
    return "\n".join(f"{name!r}: {shown(one)}" for name, one in value.items())


_SHOWN: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (pd.DataFrame, _frame),
    (shapely.Geometry, _shape),
    ((pd.Series, Mapping), _pairs),
    (np.ndarray, lambda value: "\n".join(map(shown, value.tolist()))),
    ((list, tuple), lambda value: f"[{', '.join(map(shown, value))}]"),
)


def told(make: Callable[[], Any]) -> str:
    """Return what a call returns, or the error it raises with both sentences and its rows."""
    try:
        return shown(make())
    except geo.GeoError as error:
        rows = "\n".join(map(shown, error.rows))
        return f"{type(error).__name__}: {error}\n{error.zh}\n{error.en}\n{rows}"


def county(workspace: Path) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a workspace, in metres but for the addresses."""
    names = ("cameras", "obstacles", "grids", "villages", "divisions", "roads", "addresses")
    layers = {name: gpd.read_file(workspace, layer=name) for name in names}
    return {name: one if name == "addresses" else one.to_crs(_METRES) for name, one in layers.items()}


def analysed(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, str]:
    """Return views, figures, gaps, coverage and outages of several levels and domains."""
    answers: dict[str, str] = {}
    cameras, obstacles, grids = layers["cameras"], layers["obstacles"], layers["grids"]
    zones = {"grids": grids, "villages": layers["villages"]}
    for edition, levels in geo.EDITIONS.items():
        for level, views in geo.views(cameras, obstacles, level=list(levels)[:3], edition=edition).items():
            name = f"{edition.rpartition(':')[2]}-{level}"
            for part in ("sure", "possible", "range_m", "assumed"):
                answers[f"views-{name}-{part}"] = shown(getattr(views, part))
    views = geo.views(cameras, obstacles, target_height=0.8)
    answers["views-cameras"], answers["views-obstacles"] = shown(views.cameras), shown(views.obstacles)
    demand = gpd.GeoDataFrame({"weight": [2.0, None, 3.5]}, geometry=list(grids.geometry[:3].buffer(-20)), crs=_METRES)
    points = demand.set_geometry(demand.representative_point())
    given: dict[str, Mapping[str, Any]] = {
        "streets": {"roads": layers["roads"]},
        "buildings": {},
        "all": {"zones": zones},
        "demand": {"demand": demand},
        "points": {"kind": "demand", "demand": points},
        "discs": {"kind": "all"},
    }
    for name, options in given.items():
        domain = geo.domain(**{"kind": name, **options}, obstacles=obstacles, views=views)
        parts = ("kind", "measure", "area_m2", "total_weight", "left_out_weight", "notes", "weight", "shapes")
        answers[f"domain-{name}"] = "\n".join(f"{part}: {shown(getattr(domain, part))}" for part in parts)
        incidence = geo.incidence(views, None if name == "discs" else zones, domain)
        answers[f"coverage-{name}"] = shown(geo.coverage(incidence))
        for layer in incidence.layers:
            answers[f"figures-{name}-{layer}"] = shown(geo.zone_metrics(incidence, layer))
            answers[f"gaps-{name}-{layer}"] = told(lambda: geo.gaps(incidence, layer))  # noqa: B023
        sites = sorted(set(cameras["site"].dropna()))[:40:9]
        answers[f"outage-{name}"] = shown(geo.outage(incidence, sites, incidence.layers[0]))
        answers[f"outage-{name}-of-none"] = told(lambda: geo.outage(incidence, ["nowhere"]))  # noqa: B023
    return answers


def located(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, str]:
    """Return which rows own places, and what addresses match."""
    grids = layers["grids"].to_crs("EPSG:4326")
    corners = shapely.get_coordinates(grids.geometry.to_numpy())[::5]
    west, south, east, north = grids.total_bounds
    chance = np.random.default_rng(8)
    lon, lat = chance.uniform(west, east, 2000), chance.uniform(south, north, 2000)
    locator = geo.Locator(grids)
    divisions, addresses = layers["divisions"], layers["addresses"]
    book = geo.AddressBook(addresses, divisions, grids=layers["grids"])
    texts = sorted(addresses["text"])[::37]
    cut = [text[: 3 + number % 9] for number, text in enumerate(texts)]
    return {
        "locator-corners": shown(locator.locate(corners[:, 0], corners[:, 1])),
        "locator-anywhere": shown(locator.locate(lon, lat)),
        "locator-wrong": told(lambda: locator.locate([np.nan], [0.0])),
        "addresses": "\n".join(map(shown, book.match_many([*texts, *cut, "", "无", "x" * 200]))),
        "addresses-without-divisions": "\n".join(map(shown, geo.AddressBook(addresses).match_many(texts[:20]))),
        "addresses-wrong": told(lambda: book.match("长" * 5000)),
    }


def refused(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, str]:
    """Return the errors of calls that cannot be answered."""
    cameras, obstacles = layers["cameras"].head(5), layers["obstacles"].head(5)
    views = geo.views(cameras, obstacles)
    incidence = geo.incidence(views, layers["grids"])

    def cameras_with(**values: Any) -> gpd.GeoDataFrame:
        return cameras.assign(**values)

    calls: dict[str, Callable[[], Any]] = {
        "level": lambda: geo.views(cameras, level="see"),
        "edition": lambda: geo.views(cameras, edition="iec"),
        "height": lambda: geo.views(cameras, target_height=-1),
        "terrain": lambda: geo.views(cameras, None, object()),
        "hfov": lambda: geo.views(cameras_with(hfov=[80, 0, 361, -1, 90])),
        "tilt": lambda: geo.views(cameras_with(tilt=[80, 91, -91, 0, 0])),
        "text": lambda: geo.views(cameras_with(height=["4", "high", None, "5", "6"])),
        "width": lambda: geo.views(cameras_with(width_px=[1920, 0, -5, 1, 2])),
        "ids": lambda: geo.views(cameras_with(id=["a", "a", "b", "c", "d"])),
        "crs-missing": lambda: geo.views(cameras.set_crs(None, allow_override=True)),
        "crs-differs": lambda: geo.views(cameras, obstacles.to_crs("EPSG:4326")),
        "crs-geocentric": lambda: geo.views(cameras.set_crs("EPSG:4978", allow_override=True)),
        "cameras-no-points": lambda: geo.views(cameras.set_geometry(cameras.buffer(5))),
        "obstacles-no-polygons": lambda: geo.views(cameras, obstacles.set_geometry(obstacles.centroid)),
        "too-wide": lambda: geo.views(cameras.to_crs("EPSG:4326").assign(
            geometry=shapely.points([70, 80, 100, 120, 135], [30, 30, 30, 30, 30]))),
        "domain-kind": lambda: geo.domain("moons", views=views),
        "domain-without-data": lambda: geo.domain("streets", views=views),
        "domain-mixed": lambda: geo.domain("demand", views=views, demand=gpd.GeoDataFrame(
            geometry=[shapely.Point(0, 0), shapely.box(0, 0, 1, 1)], crs=_METRES)),
        "domain-weight": lambda: geo.domain("demand", views=views, demand=gpd.GeoDataFrame(
            {"weight": [-1.0]}, geometry=[shapely.box(0, 0, 1, 1)], crs=_METRES)),
        "zone-layer": lambda: geo.zone_metrics(incidence, "streets"),
        "gaps-layer": lambda: geo.gaps(incidence, "streets"),
        "zones-crs": lambda: geo.incidence(views, layers["grids"].to_crs("EPSG:4326")),
    }  # fmt: skip
    return {f"refused-{name}": told(call) for name, call in calls.items()}


def main(workspace: Path, out: Path) -> None:
    """Write all answers."""
    layers = county(workspace)
    names = {
        "names": "\n".join(sorted(geo.__all__)),
        "editions": shown(geo.EDITIONS),
        "defaults": f"{geo.DEFAULT_EDITION} {geo.DEFAULT_LEVEL}",
        "layers": "\n".join(geo.LAYERS),
    }
    answers = {**names, **analysed(layers), **located(layers), **refused(layers)}
    out.write_text(json.dumps(answers, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
