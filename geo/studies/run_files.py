"""Write a run to files for other programs: coverage.gpkg and summary.json, each atomically."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pyogrio

from geo.catalog.results import run_layers_among
from geo.errors import UnreadableFile
from geo.files import write_atomically
from geo.types import Run

_SHAPES = {"Polygon": "MultiPolygon", "LineString": "MultiLineString", "Point": "MultiPoint"}


def write_out(run: Run, directory: Path) -> list[Path]:
    """Write ``coverage.gpkg`` (layers in the run's CRS) and ``summary.json`` into a directory; return their paths.

    Examples
    --------
    >>> import tempfile
    >>> import shapely
    >>> folder = tempfile.TemporaryDirectory()
    >>> gap = gpd.GeoDataFrame({"rank": [1]}, geometry=[shapely.Point(103.1, 37.6)], crs="EPSG:4326")
    >>> run = Run("0190", "2026-03-01T00:00:00.000Z", options={}, summary={"rejected": 0}, layers={"gaps": gap})
    >>> table, summary = write_out(run, Path(folder.name) / "out")
    >>> json.loads(summary.read_text(encoding="utf-8"))
    {'rejected': 0}
    >>> pyogrio.read_dataframe(table, layer="gaps")["rank"].tolist()
    [1]
    >>> folder.cleanup()
    """
    make_directory(directory)
    table, summary = directory / "coverage.gpkg", directory / "summary.json"
    write_atomically(table, lambda path: _write_layers(run, path))
    text = json.dumps(run.summary, ensure_ascii=False, indent=2, allow_nan=False)
    write_atomically(summary, lambda path: path.write_text(text + "\n", encoding="utf-8"))
    return [table, summary]


def make_directory(directory: Path) -> None:
    """Create a directory with its parents; raise UnreadableFile where that fails.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> make_directory(Path(folder.name) / "runs" / "first")
    >>> (Path(folder.name) / "runs" / "first").is_dir()
    True
    >>> folder.cleanup()
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "?"
        raise UnreadableFile(f"不能建立目录 {directory}：{reason}", f"cannot make {directory}: {reason}") from None


def _write_layers(run: Run, path: Path) -> None:
    for name in run_layers_among(run.layers):
        frame = _with_plain_cells(run.layers[name])
        pyogrio.write_dataframe(
            frame, path, layer=name, driver="GPKG", geometry_type=_kind(frame), append=path.exists()
        )


def _with_plain_cells(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame with mappings, such as the causes of a gap, as JSON text: a file's cell holds one value."""
    mappings = [
        name
        for name in frame.columns
        if frame[name].dtype == object and frame[name].map(lambda cell: isinstance(cell, dict)).any()
    ]
    texts = {name: [json.dumps(cell, ensure_ascii=False) for cell in frame[name]] for name in mappings}
    return frame.assign(**texts)


def _kind(frame: gpd.GeoDataFrame) -> str:
    """Return the geometry type of all geometries of the frame; polygons where it has none."""
    kinds = {str(kind).removeprefix("Multi") for kind in frame.geom_type.dropna().unique()}
    if len(kinds) > 1:
        return "Unknown"
    return _SHAPES.get(kinds.pop() if kinds else "Polygon", "Unknown")
