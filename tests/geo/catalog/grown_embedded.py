"""Ask a grown copy of the project, run inside it: an old workspace, imports, downloads, tiles, the map."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fastapi.testclient import TestClient

from api.main import create_app
from api.representations.map_data_of_run import stored_map_data
from api.settings import Settings
from geo.storage.geopackage.store import open_store
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_file
from maps.web.pages import write_map


def main(workspace: Path, folder: Path) -> None:
    """Print what comes out, as one JSON object."""
    said: dict[str, object] = {}
    with open_store(workspace) as store:
        said["upgraded"] = list(store.upgraded)
        said["old_rows"] = store.read("cameras")["heated"].isna().all().item()
        said["benches"] = len(store.read("benches"))
        cameras = folder / "cameras.csv"
        cameras.write_text(
            "编号,经度,纬度,是否加热\nn1,102.1021,37.1021,是\nn2,102.1021,37.1021,否\n", encoding="utf-8"
        )
        report = import_file(store, cameras, "cameras", crs="wgs84")
        said["mapping"] = report.mapping["heated"]
        benches = folder / "benches.csv"
        benches.write_text("座椅编号,经度,纬度,座位\nb1,102.1021,37.1021,3\nb2,102.1021,37.1021,-1\n", encoding="utf-8")
        report = import_file(store, benches, "benches", crs="wgs84", rejects=folder / "rejects.csv")
        said["imported"] = [report.imported, report.rejected, report.findings[0].reason]
        said["heated"] = store.read("cameras", where={"op": "=", "args": [{"property": "heated"}, "yes"]})[
            "id"
        ].tolist()
        feature, version = store.get("cameras", "n1")
        feature["properties"]["heated"] = "no"
        store.put("cameras", "n1", feature, if_version=version, actor="test")
        said["history"] = store.versions("cameras").history["heated"].dropna().tolist()
        analyze(store, AnalyzeOptions())
        page = folder / "map.html"
        write_map(stored_map_data(store), page)
        said["page"] = [
            word in page.read_text(encoding="utf-8") for word in ('"benches":{"columns"', '"layer_benches"')
        ]
    with open_store(workspace) as store:
        said["again"] = list(store.upgraded)
    with TestClient(create_app(Settings(workspace=workspace)), base_url="http://127.0.0.1:8000") as client:
        described = client.get("/ogc/collections/cameras/queryables").json()["properties"]["heated"]
        said["queryable"] = [described["title"], described["enum"]]
        items = client.get("/ogc/collections/cameras/items?heated=no&f=csv").text
        said["csv"] = [line.split(",")[0] for line in items.splitlines()[1:]]
        tile = client.get("/ogc/collections/benches/tiles/WebMercatorQuad/0/0/0").content
        said["tile"] = b"seats" in tile
    print(json.dumps(said, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
