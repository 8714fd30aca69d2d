"""The fictional county has the centres that a county's report counts, and places to claim."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import shapely

from geo.catalog.layers import LAYERS
from geo.demo.claimed_places import CLAIM_OF_KIND, CLAIMS, claimed_places
from geo.demo.governance_centres import governance_centres
from geo.storage.geopackage.store import open_store
from geo.studies.verify_text import verify
from tests.geo.demo_counties import Frames, small_county


def test_gulang_has_twenty_and_174_centres_for_194_villages(gulang: Frames, tmp_path: Path) -> None:
    found = governance_centres(gulang)
    centres = found[found["kind"] == "governance_centre"]
    assert Counter(centres["level"]) == {"township": 20, "village": 174}
    served = set(centres.loc[centres["level"] == "village", "serves"])
    without = set(gulang["villages"]["code"]) - served
    assert len(served) == 174
    assert len(without) == 20
    assert len({code[:9] for code in without}) == 20, "one in each township"
    assert all(int(code[9:]) >= 200 for code in without), "no community of a town"
    assert Counter(centres["link"]) == {"yes": 188, "no": 4, "unknown": 2}
    village = gulang["villages"].set_index("code").geometry
    of_villages = centres[centres["level"] == "village"]
    assert shapely.intersects(village[of_villages["serves"]].to_numpy(), of_villages.geometry.to_numpy()).all()
    with open_store(tmp_path / "workspace.gpkg") as store:
        store.write("facilities", found, "upsert", actor="demo")
        for layer in ("divisions", "villages"):
            store.write(layer, gulang[layer], "upsert", actor="demo")
        report = "全县建成194个综治中心。镇村两级综治中心194个。村级综治中心174个。乡镇综治中心20个。村村通视联网。"
        answers = [(item.text, item.have, item.answer) for item in verify(store, report).items]
    assert answers[:4] == [
        ("194个综治中心", 194, "equal"),
        ("镇村两级综治中心194个", 194, "equal"),
        ("村级综治中心174个", 174, "equal"),
        ("乡镇综治中心20个", 20, "equal"),
    ]
    assert answers[4][0::2] == ("村村通视联网", "differs")


def test_places_and_facilities_have_the_fields_of_their_layers_and_lie_in_the_county() -> None:
    frames = small_county(3)
    county = frames["divisions"].geometry.iloc[0]
    found = {**claimed_places(frames), "facilities": governance_centres(frames)}
    for name, frame in found.items():
        assert list(frame.columns) == [*LAYERS[name].names, "geometry"]
        assert frame[LAYERS[name].key].is_unique
        for field in LAYERS[name].fields:
            if field.choices:
                assert set(frame[field.name].dropna()) <= set(field.choices)
        if name != "claims":
            assert shapely.is_valid(frame.geometry.to_numpy()).all()
            assert frame.geometry.within(county.buffer(1e-6)).all()
    assert set(CLAIM_OF_KIND.values()) == set(CLAIMS)
    assert set(found["places"]["claim"].dropna()) == set(CLAIMS) - {CLAIM_OF_KIND["section"]}
