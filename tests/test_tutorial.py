"""Run the tutorials as they stand, from raw files to map and sheet: the sample town, and central Helsinki."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pypdf
import pytest

from tests.processes import Processes

ROOT = Path(__file__).resolve().parent.parent
BLOCK = r"<!-- {} -->\n```sh\n(.*?)```"
#: The tables of what to expect: file, layer, format, read, imported, rejected; and command, answer.
_FILES = re.compile(r"^\| `([^`]+)` \| (\w+) \| [^|]+ \| (\d+) \| (\d+) \| (\d+) \|$", re.M)
_ANSWERS = re.compile(r"^\| `gridsight ([^`]+)` \| (.+) \|$", re.M)


def commands(page: str, block: str = "tutorial") -> list[str]:
    """Return the lines of a tutorial block of a page."""
    found = re.search(BLOCK.format(block), (ROOT / page).read_text(encoding="utf-8"), re.S)
    assert found, f"{page} has a block {block}"
    return [line for line in found[1].splitlines() if line]


def run(processes: Processes, page: str, folder: Path, block: str = "tutorial") -> dict[str, dict[str, Any]]:
    """Run the block of a page in a folder; return command -> answer, in order."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("GRIDSIGHT")}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    said = {}
    for line in commands(page, block):
        words = shlex.split(line)
        if words[0] == "export":
            name, value = words[1].split("=")
            env[name] = value
            continue
        assert words[0] == "gridsight"
        done = processes.run(*words, "--json", cwd=folder, env=env)
        assert done.returncode in (0, 1), f"{line}: {done.stderr}"
        said[" ".join(words[1:])] = json.loads(done.stdout)
    return said


def test_the_sample_town_from_a_register_to_map_and_sheet(processes: Processes, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    said = run(processes, "README.md", tmp_path)

    expected = (ROOT / "samples" / "README.md").read_text(encoding="utf-8")
    imported = {
        (answer["source"].partition(":")[0], answer["layer"]): (answer["read"], answer["imported"], answer["rejected"])
        for line, answer in said.items()
        if line.startswith("import")
    }
    assert imported == {(name, layer): tuple(map(int, counts)) for name, layer, *counts in _FILES.findall(expected)}
    register = next(answer for line, answer in said.items() if "登记表" in line)
    assert register["dropped_columns"] == ["IP地址"]
    assert register["rejects_file"] == str(Path("my-town/摄像机登记表.cameras.rejects.csv"))
    with (tmp_path / register["rejects_file"]).open(encoding="utf-8-sig", newline="") as file:
        assert [row["field"] for row in csv.DictReader(file)] == ["id", "lon", "geometry", "lon"]

    answers = dict(_ANSWERS.findall(expected))
    assert f"{said['check']['errors']} 个错误，{said['check']['warnings']} 个警告" in answers["check"]
    totals = said["analyze"]["totals"]
    count = said["gaps"]["count"]
    shares = f"确定覆盖 {totals['sure_share']:.1%}，可能覆盖 {totals['possible_share']:.1%}，盲区 {count} 处"
    assert shares in answers["analyze"]
    first = said["gaps"]["gaps"][0]
    assert f"{first['area_m2']:,.1f} m²，成因 {first['cause']}" in answers["gaps"]
    before = said["analyze"]["totals"]["sure_m2"]
    assert said["outage P005"]["totals"]["sure_m2"] < before
    for line in (line for line in said if line.startswith("locate")):
        grid, _, rest = answers[line].partition("，")
        found = said[line]["candidates"][0]
        assert (said[line]["status"], found["grid"]["code"]) == ("matched", grid)
        assert found["method"] in rest or f"{found['border_m']:.1f} m" in rest
    assert {line.split()[0] for line in answers} == {"check", "analyze", "gaps", "outage", "locate"}

    assert (tmp_path / "my-town" / "map.html").stat().st_size > 100_000
    assert "1:" in pypdf.PdfReader(tmp_path / "my-town" / "sheet.pdf").pages[0].extract_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my-town", "samples"]


def test_helsinki_from_the_raw_file_to_map_and_sheet(processes: Processes, shared_data: Path, tmp_path: Path) -> None:
    shutil.copy(shared_data / "helsinki" / "Helsinki.osm.pbf", tmp_path)
    said = run(processes, "docs/tutorial.md", tmp_path)

    imported = [answer for line, answer in said.items() if line.startswith("import")]
    assert [answer["layer"] for answer in imported] == [
        "cameras",
        "obstacles",
        "roads",
        "addresses",
        "places",
        "facilities",
    ]
    for answer in imported:
        assert answer["read"] == answer["imported"] + answer["updated"] + answer["rejected"]
    assert imported[0]["read"] == imported[0]["imported"] == 221
    assert [answer["read"] for answer in imported[1:]] == [516, 2650, 1470, 901, 8]

    run_ = said["analyze"]
    summary = run_.get("summary", run_)
    assumed = " ".join(str(item) for item in summary["assumptions"])
    assert "hfov" in assumed
    assert "height" in assumed
    totals = summary["totals"]
    # Without a direction nothing is sure but the few that need none; all round is possible (rule U2).
    assert 0 <= totals["sure_m2"] < totals["possible_m2"] < totals["domain_m2"]
    assert totals["gap_m2"] == pytest.approx(totals["domain_m2"] - totals["sure_m2"], rel=1e-6)

    page = (tmp_path / "helsinki.html").read_text(encoding="utf-8")
    assert "<html" in page[:200].lower()
    assert len(page) <= 5_000_000
    sheet = pypdf.PdfReader(tmp_path / "helsinki.pdf")
    assert "1:" in sheet.pages[0].extract_text()

    derived = next(answer for line, answer in said.items() if line.startswith("places derive"))["kinds"]
    stored = {name: one["added"] for name, one in derived.items()}
    places = said["claims --claim school"]["places"]
    (schools,) = said["claims --claim school"]["claims"]
    assert (schools["verdict"], schools["places"], schools["counted"], schools["maybe"]) == ("fails", 3, 2, 2)
    assert all(0 <= one["sure_share"] <= one["possible_share"] <= 1 for one in places)
    rates = {(one["rate"], one["key"]): one for one in said["rates"]["rates"] if one["scope"] == "county"}
    assert rates["places_covered", "school"]["denominator"] == stored["rings"] > 0
    assert rates["crossings_covered", None]["denominator"] == stored["crossings"]  # the 756 of OpenStreetMap are places
    assert rates["sections_counted", None]["denominator"] == stored["sections"]
    reach = said["reach --kind 消防站 --limit 1000"]
    assert {one["facility"] for one in reach["units"]} == {"relation/167018"}
    assert 0 < len(reach["beyond"]) < len(reach["units"])
    for sector in said["patrol --sectors 3"]["sectors"]:
        assert sector["pieces_m"] <= sector["bound_m"] <= sector["length_m"] <= 1.5 * sector["bound_m"]


def test_the_fictional_county_shows_claims_rates_reach_and_patrol(processes: Processes, tmp_path: Path) -> None:
    said = run(processes, "docs/tutorial.md", tmp_path, "tutorial county")
    answers = {line.split(" -")[0]: answer for line, answer in said.items()}

    verdicts = {one["claim"]: one["verdict"] for one in said["claims"]["claims"]}
    assert verdicts["学校全覆盖"] == "holds"
    assert verdicts["重点集镇全覆盖"] == "may_hold"
    assert verdicts["主要路段全覆盖"] == "fails"
    sections = said["claims --claim 主要路段全覆盖"]
    assert {one["claim"] for one in sections["places"]} == {"主要路段全覆盖"}
    assert sections["claims"][0]["counted"] > sections["claims"][0]["covered"], "near is not seen"
    rates = {(one["rate"], one["key"]): one for one in answers["rates"]["rates"]}
    assert rates["sections_covered", None]["denominator"] == len(sections["places"])
    assert rates["villages_facility", "governance_centre"]["numerator"] == 8
    renewed = answers["places derive"]["kinds"]
    assert renewed["sections"]["kept"] == len(sections["places"]) == renewed["sections"]["unchanged"]
    reach = answers["reach"]
    assert len(reach["without_own"]["villages"]) == 2
    assert reach["links"]["townships"]["linked"] == 2
    assert {one["link"] for one in reach["links"]["villages"]["exceptions"]} == {"no", "unknown", "none"}
    assert len(answers["patrol"]["sectors"]) == 2
