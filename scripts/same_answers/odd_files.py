"""Make small files with everything that files of counties have wrong, the same ones every time.

What is text stands in the folder ``odd``; encodings, packages and what is broken are made of it here.
"""

from __future__ import annotations

import shutil
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import osmium
import pandas as pd
import pyogrio
import shapely

_ODD = Path(__file__).resolve().parent / "odd"
_HOUSE = {"building": "house", "building:levels": "3", "addr:street": "东街", "addr:housenumber": "7"}
_CAMERA = {"man_made": "surveillance", "camera:direction": "NE", "camera:height": "5"}
#: Nodes of a house with a courtyard, then a camera.
_NODES = (
    (102.902, 37.502), (102.9024, 37.502), (102.9024, 37.5024), (102.902, 37.5024), (102.9021, 37.5021),
    (102.9022, 37.5021), (102.9022, 37.5022), (102.9021, 37.5022), (102.903, 37.5005),
)  # fmt: skip
_WAYS = (
    ((1, 2, 3, 4, 1), {}),
    ((5, 6, 7, 8, 5), {}),
    ((1, 2, 3), {"building": "yes"}),
    ((1, 3), {"highway": "residential", "tunnel": "yes", "name": "隧道"}),
    ((2, 4, 999), {"highway": "footway"}),
    ((1, 2, 3, 4, 1), _HOUSE),
)
_RELATIONS = (
    ([("w", 1, "outer"), ("w", 2, "inner")], {"type": "multipolygon", "building": "yes", "height": "9"}),
    ([("w", 3, "outer")], {"type": "multipolygon", "building": "yes"}),
)


def write(folder: Path) -> None:
    """Write every file into a new folder."""
    shutil.copytree(_ODD, folder)
    text = (folder / "cameras.csv").read_text(encoding="utf-8")
    (folder / "cameras-gbk.csv").write_bytes(text.encode("gbk"))
    cameras = pd.read_csv(folder / "cameras.csv", dtype=str).iloc[[0, 1, 2, 3, 6, 7]]
    pyogrio.write_dataframe(cameras, folder / "cameras.xlsx", layer="台账")
    pyogrio.write_dataframe(cameras.iloc[:, :2], folder / "cameras.xlsx", layer="说明", append=True)
    _open_street_map(folder / "small.osm.pbf")
    _packages(folder)
    _broken(folder)


def _open_street_map(path: Path) -> None:
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (lon, lat) in enumerate(_NODES, 1):
            tags = _CAMERA if number == len(_NODES) else {}
            place = osmium.osm.Location(lon, lat)
            writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=place, tags=tags))
        for number, (nodes, tags) in enumerate(_WAYS, 1):
            writer.add_way(osmium.osm.mutable.Way(id=number, version=1, nodes=nodes, tags=tags))
        for number, (members, tags) in enumerate(_RELATIONS, 1):
            writer.add_relation(osmium.osm.mutable.Relation(id=number, version=1, members=members, tags=tags))


def _packages(folder: Path) -> None:
    """Write buildings in every package there is, in several CRSs."""
    box = shapely.box
    parts = shapely.MultiPolygon([box(102.9002, 37.5012, 102.9004, 37.5014), box(102.9006, 37.5012, 102.9008, 37.5014)])
    shapes = [box(102.9013, 37.5003, 102.9015, 37.5005), box(102.9022, 37.5002, 102.9025, 37.5005), parts]
    columns = {"编号": ["b1", "b2", "b3"], "层数": [3, 0, None], "楼高": ["", "12.5米", "高"]}
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490")
    shape = folder / "shape"
    shape.mkdir()
    frame.to_file(shape / "建筑.shp", encoding="GBK")
    with zipfile.ZipFile(folder / "obstacles.zip", "w") as archive:
        for path in sorted(shape.iterdir()):
            archive.write(path, path.name)
    frame.to_crs("EPSG:4543").to_file(folder / "obstacles.gpkg", layer="houses")
    frame.head(1).to_file(folder / "obstacles.gpkg", layer="sheds")
    frame.drop(columns="楼高").to_parquet(folder / "obstacles.parquet")
    frame.to_file(folder / "obstacles.fgb")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it names no CRS is what it is for
        gpd.GeoDataFrame({"id": ["x"]}, geometry=[shapely.Point(102.9, 37.5)]).to_file(folder / "no-crs.gpkg")


def _broken(folder: Path) -> None:
    (folder / "empty.csv").write_bytes(b"")
    (folder / "broken.geojson").write_bytes(b'{"type": "FeatureCollection", "features": [')
    (folder / "broken.gpkg").write_bytes(b"SQLite format 3\0" + b"\0" * 200)
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04nothing")
    (folder / "notes.txt").write_bytes("一".encode())
    (folder / "latin.csv").write_bytes(b"id,lon,lat\n\xff\xfe\x80,102.9,37.5\n")
