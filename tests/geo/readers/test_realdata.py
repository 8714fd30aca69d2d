"""Read the real files: every feature is accounted for, and the counts are those counted apart from the readers."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.readers.reading import ReadResult, read_layer


def checked(reading: ReadResult, read: int, kept: int) -> ReadResult:
    features = set(reading.features.tolist())
    assert reading.read == read == len(features) + len(reading.rejects)
    assert len(features) == kept
    assert reading.frame.iloc[:, 0].is_unique
    assert reading.frame.geometry.is_valid.all()
    return reading


def test_helsinki_gives_221_cameras(shared_data: Path) -> None:
    reading = checked(read_layer(shared_data / "helsinki/Helsinki.osm.pbf", "cameras"), 221, 221)
    assert len(reading.frame) == 221
    assert reading.frame["azimuth"].isna().all()


def test_helsinki_buildings_lose_nothing_in_silence(shared_data: Path) -> None:
    reading = checked(read_layer(shared_data / "helsinki/Helsinki.osm.pbf", "obstacles"), 516, 428)
    # 536 features of key building: 12 roofs, and 8 parts that begin above eye height
    assert sum(one.count for one in reading.left_out) == 536 - 516
    assert [one.count for one in reading.left_out if one.value == "roof"] == [12]
    reasons = [fault.reason.split(" / ")[1].split(",")[0] for fault in reading.rejects]
    # 35 building=* nodes; the rest is cut at the edge of the extract or a broken multipolygon
    assert reasons.count("wrong kind of geometry") == 35
    assert reasons.count("outline incomplete") == 47
    assert reasons.count("the area cannot be assembled from its members") == 6
    assert 12.13 in reading.frame["height"].tolist()
    levels = next(count for sentence, count in reading.assumed.items() if "storeys" in sentence)
    assert (
        reading.frame["height"].notna().sum() == levels + reading.frame["height"].isin([12.13, 18, 6, 4, 39, 70]).sum()
        or levels
    )


def test_helsinki_roads_and_addresses(shared_data: Path) -> None:
    roads = checked(read_layer(shared_data / "helsinki/Helsinki.osm.pbf", "roads"), 2650, 2525)
    (tunnels,) = (count for sentence, count in roads.assumed.items() if "tunnel=yes" in sentence)
    assert (roads.frame["class"] == "tunnel").sum() == tunnels == 237
    assert {"footway", "service"} <= set(roads.frame["class"])
    addresses = checked(
        read_layer(shared_data / "helsinki/Helsinki.osm.pbf", "addresses"), 1470, 1451
    )  # 9 are numbers without a street
    assert addresses.frame["text"].str.len().gt(0).all()


def test_swiss_overpass(shared_data: Path) -> None:
    path = shared_data / "swiss_cameras/overpass.json"
    reading = checked(read_layer(path, "cameras"), 2144, 2141)
    assert sorted(fault.value for fault in reading.rejects) == ["fake", "guard", "guard"]
    elements = {str(one["id"]): one["tags"] for one in json.loads(path.read_text())}
    frame = reading.frame.set_index("id")
    said = [tags.get("camera:direction", tags.get("direction")) for tags in elements.values()]
    assert len(said) - said.count(None) == 529
    # 2 guards have one, a bare 360 is none, and two cameras look two and three ways
    assert frame["azimuth"].notna().sum() == 529 - 2 - said.count("360") + 1 + 2
    for number, tags in elements.items():
        if number in frame.index and re.fullmatch(r"(?!360)\d+", tags.get("camera:direction", "")):
            assert frame.loc[number, "azimuth"] == int(tags["camera:direction"]) % 360
    tilts = [tags["camera:angle"] for tags in elements.values() if "camera:angle" in tags]
    assert frame["tilt"].notna().sum() == sum(0 < float(tilt.rstrip("°")) < 90 for tilt in tilts)
    assert (frame["place_type"] == "indoor").sum() == sum(
        tags.get("surveillance") == "indoor" or tags.get("indoor") == "yes" for tags in elements.values()
    )


def test_swiss_csv_destroyed_by_a_spreadsheet(shared_data: Path) -> None:
    path = shared_data / "swiss_cameras/cameras_GE.csv"
    reading = read_layer(path, "cameras", crs="wgs84")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    checked(reading, len(rows), len(rows) - len(reading.rejects))
    destroyed = [row for row in rows if row["lat"].count(".") > 1 or row["lon"].count(".") > 1]
    assert sum("spreadsheet" in fault.reason for fault in reading.rejects) == len(destroyed) > 600
    assert "461.993.881" in {row["lat"] for row in destroyed}


@pytest.mark.parametrize(
    ("city", "read", "rejected"),
    [
        ("atlanta", 2273, 0),
        ("charlotte", 302, 0),
        ("lehigh_valley", 90, 0),
        ("maine", 47, 0),
        ("memphis", 426, 0),
        ("richmond", 348, 66),
    ],
)
def test_alpr_directions(shared_data: Path, city: str, read: int, rejected: int) -> None:
    path = shared_data / f"alpr_cameras/{city}_cameras.geojson"
    reading = checked(read_layer(path, "cameras"), read, read - rejected)
    assert all("gunshot" in fault.reason for fault in reading.rejects)
    assert (reading.frame["azimuth"].dropna().between(0, 360, inclusive="left")).all()
    rows: dict[str, list[dict[str, Any]]] = {}
    for feature, row in zip(reading.features.tolist(), reading.frame.to_dict("records"), strict=True):
        rows.setdefault(str(feature), []).append(row)
    for number, feature in enumerate(json.loads(path.read_text())["features"], 1):
        tags = feature["properties"]["tags"]
        text = tags.get("camera:direction", tags.get("direction", ""))
        if str(number) not in rows:
            continue
        found = [row["azimuth"] for row in rows[str(number)]]
        if re.fullmatch(r"-?\d+", text) and text != "360":
            assert found == [int(text) % 360]
        elif re.fullmatch(r"\d+(;\d+)+", text):
            assert found == list(dict.fromkeys(float(part) % 360 for part in text.split(";")))
        elif match := re.fullmatch(r"(\d+)-(\d+)", text):
            begin, end = int(match[1]), int(match[2])
            width = (end - begin) % 360
            assert found == [(begin + width / 2) % 360]
            assert rows[str(number)][0]["hfov"] == width


@pytest.mark.parametrize(("name", "read"), [("10007150.json", 242), ("66000060.json", 993)])
def test_base_units_of_taiwan(shared_data: Path, name: str, read: int) -> None:
    reading = checked(read_layer(shared_data / "base_units_tw" / name, "grids"), read, read)
    assert reading.mapping == {"code": "CODEBASE"}
    # they tile without gap or overlap: the union has the area of the sum
    shapes = reading.frame.geometry.to_numpy()
    assert shapely.union_all(shapes).area == pytest.approx(shapely.area(shapes).sum(), rel=1e-9)


def test_delft(shared_data: Path) -> None:
    path = shared_data / "delft/delft.json"
    reading = checked(read_layer(path, "obstacles"), 160, 160)
    given = {
        key: one["attributes"].get("measuredHeight")
        for key, one in json.loads(path.read_text())["CityObjects"].items()
        if one["type"] == "Building"
    }
    for key, height in zip(reading.frame["id"], reading.frame["height"], strict=True):
        assert height > 0
        if given[key]:
            assert height == given[key]
    west, south, east, north = reading.native.total_bounds
    assert 84616 <= west < east <= 85141
    assert 447422 <= south < north <= 447751
    assert reading.native.geometry.area.sum() > 5_000
