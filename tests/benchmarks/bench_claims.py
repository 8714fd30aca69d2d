"""Time 5,000 places judged on the county scene, beside plain GEOS overlays of the same places and views."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geo.assessment.area_of_interest import domain
from geo.assessment.claims import Claims, claims
from geo.assessment.incidence import Incidence, incidence
from geo.visibility.views import Views, views
from tests.benchmarks.bench_county import make_scene

GOAL_S = 1.0
REPEATS = 3
#: Kind of place -> how many of them; 5,000 in all, as a county town would list them.
COUNTS = {"crossing": 1_200, "section": 1_500, "square": 800, "estate": 500, "ring": 500, "gate": 500}
#: Where the streets of the scene run: every so many metres from an offset.
PITCH, OFFSET = 60.0, 15.0


def places_of_scene(side: float, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return crossings and sections of the scene's streets, squares, estates, rings of 200 m and gates."""
    shapes: list[shapely.Geometry] = []
    lines = int(side / PITCH) - 1
    for kind, count in COUNTS.items():
        x, y = rng.uniform(300, side - 300, (2, count))
        i, j = OFFSET + PITCH * rng.integers(0, lines, (2, count))
        if kind == "crossing":
            shapes += shapely.buffer(shapely.points(i, j), 15.0, quad_segs=8).tolist()
        elif kind == "section":
            ends = np.stack([np.column_stack([i, j]), np.column_stack([i, j + PITCH])], axis=1)
            shapes += shapely.linestrings(ends).tolist()
        elif kind == "square":
            shapes += shapely.box(x, y, x + 60, y + 40).tolist()
        elif kind == "estate":
            shapes += shapely.box(x, y, x + 200, y + 150).tolist()
        elif kind == "ring":
            centre = shapely.box(x, y, x + 60, y + 60)
            shapes += shapely.difference(shapely.buffer(centre, 200.0, quad_segs=8), centre).tolist()
        else:
            shapes += shapely.points(x, y).tolist()
    kinds = [kind for kind, count in COUNTS.items() for _ in range(count)]
    columns = {"code": [f"{kind}-{k}" for k, kind in enumerate(kinds)], "kind": kinds, "claim": kinds}
    there = shapely.transform(np.array(shapes, object), lambda xy: np.add(xy, (500_000, 4_000_000)))
    return gpd.GeoDataFrame(columns, geometry=there, crs=4547)


def by_geos(places: gpd.GeoDataFrame, seen: Views, model: Incidence) -> np.ndarray:
    """Return the part of each area that is surely seen: views near it united, then cut with it and the domain."""
    assert model.domain is not None
    shapes, wanted = places.geometry.to_numpy(), model.domain.shapes
    sure = seen.sure_metric
    tree, ground = shapely.STRtree(sure), shapely.STRtree(wanted)
    out = np.zeros(len(shapes))
    for row in np.flatnonzero(shapely.get_dimensions(shapes) == 2):
        assessed = shapely.intersection(shapely.union_all(wanted[ground.query(shapes[row], "intersects")]), shapes[row])
        out[row] = shapely.intersection(shapely.union_all(sure[tree.query(shapes[row], "intersects")]), assessed).area
    return out


def report(found: Claims, clock: float, processor: float) -> None:
    """Print the time and what the places came to.

    The seconds that all threads together spent on a processor are what a machine with nothing else to do takes at most.
    """
    reached = "reached" if min(clock, processor) <= GOAL_S else "MISSED"
    print(
        f"{len(found.places):,} places: {clock:.2f} s beyond the run, {processor:.2f} s of processor time "
        f"(goal {GOAL_S:.0f} s, {reached})"
    )
    for row in found.claims.itertuples():
        print(
            f"{row.claim:>12} {row.places:>6} places: {row.covered} covered, {row.maybe} maybe, {row.not_covered} not, "
            f"{row.nothing} nothing, {row.counted} with a site"
        )


def main(argv: list[str] | None = None) -> None:
    """Make the scene and its places, judge them, and do the same with GEOS."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peers", action="store_true", help="ours only")
    parser.add_argument("--scene", type=Path, help="a county scene made before")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        scene = asked.scene or Path(folder) / "county"
        if asked.scene is None:
            make_scene(scene)
        frames = {name: gpd.read_file(scene / f"{name}.gpkg") for name in ("cameras", "obstacles", "roads", "grids")}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    seen = views(frames["cameras"], frames["obstacles"])
    wanted = domain(
        "streets",
        zones=frames["grids"],
        roads=frames["roads"],
        obstacles=frames["obstacles"],
        views=seen,
        workers=cores,
    )
    model = incidence(seen, frames["grids"], wanted, workers=cores)
    extent = frames["grids"].total_bounds
    places = places_of_scene(float(extent[2] - extent[0]), np.random.default_rng(1))
    clock, processor = [], []
    for _ in range(REPEATS + 1):
        start, spent = time.perf_counter(), time.process_time()
        found = claims(model, places, workers=cores)
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - spent)
    report(found, min(clock), min(processor))
    if asked.no_peers:
        return
    start = time.process_time()
    theirs = by_geos(places, seen, model)
    print(f"GEOS, areas only and what is surely seen: {time.process_time() - start:.2f} s of processor time")
    on_domain = (found.places.geometry.geom_type == "Polygon").to_numpy() & (theirs > 1.0)
    away = np.abs(found.places["sure"].to_numpy()[on_domain] - theirs[on_domain]) / theirs[on_domain]
    print(f"largest difference of {on_domain.sum()} areas: {away.max():.1e}")


if __name__ == "__main__":
    main()
