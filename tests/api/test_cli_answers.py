"""What the command line says: one language in every refusal, times of the store, tiny figures, zones, two ranks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

from api.cli import gridsight
from api.commands.console import Console
from api.usage_words import usage_sentence
from geo.storage.geopackage.store import open_store
from tests.api.conftest import G1, T1, T2

pytestmark = pytest.mark.usefixtures("quiet")
#: Words that name no option, argument or value: what click's own English is made of.
_ENGLISH = re.compile(r"\b(missing|invalid|no such|option|argument|value|valid|range|unexpected|requires)\b", re.I)


def _commands() -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    context = click.Context(gridsight)
    for name in gridsight.list_commands(context):
        command = gridsight.get_command(context, name)
        assert command is not None
        inner = getattr(command, "commands", {})
        found += [((name, one), inner[one]) for one in inner] or [((name,), command)]
    return found


def _wrong_words() -> list[tuple[str, ...]]:
    """Return for every command: an unknown option, too many words, and each option without or with a wrong value."""
    wrong: list[tuple[str, ...]] = [("moon",)]
    for words, command in _commands():
        wrong.append((*words, "--moon"))
        if any(isinstance(one, click.Argument) and one.required for one in command.params):
            wrong.append(words)
        for one in command.params:
            if isinstance(one, click.Option) and not one.is_flag:
                wrong.append((*words, one.opts[0]))
                if isinstance(one.type, click.Choice | click.types.IntParamType | click.types.FloatParamType):
                    wrong.append((*words, one.opts[0], "moon"))
    return wrong


@pytest.mark.parametrize("words", _wrong_words(), ids=" ".join)
def test_a_refusal_of_words_is_in_one_language(
    run: object, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GRIDSIGHT_LANG", "zh")
    _, err = run(*words, code=2)
    told = re.sub(r"（见 gridsight.*?--help）", "", err)
    assert not _ENGLISH.search(re.sub(r"--[\w-]+|'.*?'", "", told)), err
    assert re.search("[一-鿿]", told)
    monkeypatch.setenv("GRIDSIGHT_LANG", "en")
    _, err = run(*words, code=2)
    assert not re.search("[一-鿿]", err), err


def test_publish_without_a_run_says_what_may_stand_there(run: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDSIGHT_LANG", "zh")
    _, err = run("publish", code=2)
    assert err.startswith("错误：缺少参数 RUN：批次编号或 latest")
    assert "gridsight publish latest" in run("publish", "--help")[0]


def test_what_click_may_say_in_future_is_chinese_all_the_same() -> None:
    assert usage_sentence(click.UsageError("Some words of tomorrow about 'x'."), "zh") == "'x' 不能用"


def test_times_are_those_of_the_store(run: object, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    for zone, offset in (("Asia/Shanghai", "+08:00"), ("Asia/Kolkata", "+05:30")):
        with open_store(workspace, create=False) as store:
            store.set_time_zone(zone)
        assert offset in run("runs", "--workspace", workspace)[0]
        run("keys", "create", "--name", "k", "--role", "viewer", "--workspace", workspace)
        assert offset in run("keys", "list", "--workspace", workspace)[0]


def test_a_tiny_figure_is_not_none(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"a": 0.0, "sure_share": 0.99999}, {"a": 0.0004, "sure_share": 1.0}, {"a": 1e-15, "sure_share": 4e-6}]
    Console(as_json=False).print_table(rows, {"a": ("甲", "a"), "sure_share": ("占比", "share")})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert lines == [["0.000", ">0.999"], ["<0.001", "1.000"], ["<0.001", "<0.001"]]


@pytest.mark.parametrize("zone", ["990101", "试验县", "divisions:990101", "all"])
def test_the_gaps_of_the_county_are_all_there_are(run: object, workspace: Path, zone: str) -> None:
    whole = json.loads(run("gaps", "--json", "--workspace", workspace)[0])
    found = json.loads(run("gaps", "--zone", zone, "--json", "--workspace", workspace)[0])
    assert [gap["rank"] for gap in found["gaps"]] == [gap["rank"] for gap in whole["gaps"]]


@pytest.mark.parametrize("command", [["gaps"], ["print", "--out", "s.pdf"]], ids=" ".join)
def test_a_refused_zone_lists_the_layers(run: object, workspace: Path, command: list[str]) -> None:
    _, err = run(*command, "--zone", "moon", "--workspace", workspace, code=2)
    assert "grids、microgrids、villages、townships、all" in err or "grids, microgrids, villages, townships, all" in err


def test_print_takes_the_county_and_codes_of_divisions(run: object, workspace: Path) -> None:
    for zone in ("试验县", f"divisions:{T1}"):
        run("print", "--zone", zone, "--out", "s.pdf", "--workspace", workspace)


def test_gaps_of_a_zone_show_both_ranks(run: object, workspace: Path, client: object) -> None:
    """The second township's first gap is not the run's first: JSON, table and API say both."""
    for town in (T1, T2):
        gaps = json.loads(run("gaps", "--zone", town, "--json", "--workspace", workspace)[0])["gaps"]
        ranks = [(gap["zone_rank"], gap["rank"]) for gap in gaps]
        assert [one for one, _ in ranks] == list(range(1, len(gaps) + 1))
        rows = client.get(f"/runs/latest/gaps?zone={town}").json()["gaps"]
        assert [(row["zone_rank"], row["rank"]) for row in rows] == ranks
        lines = client.get(f"/runs/latest/gaps?zone={town}&f=csv").text.splitlines()
        head = lines[0].lstrip("\ufeff").split(",")
        assert [int(line.split(",")[head.index("zone_rank")]) for line in lines[1:]] == [one for one, _ in ranks]
    assert "zone_rank" not in json.loads(run("gaps", "--json", "--workspace", workspace)[0])["gaps"][0]


def test_runs_say_which_one_the_public_sees_as_the_api_does(run: object, workspace: Path, client: object) -> None:
    told = json.loads(run("runs", "--json", "--workspace", workspace)[0])
    asked = client.get("/runs").json()
    for name in ("published_run", "stands_in", "published_run_deleted"):
        assert told[name] == asked[name], name
    assert (told["published_run"], told["stands_in"]) == (told["runs"][0]["id"], True)
    run("publish", "latest", "--workspace", workspace)
    assert json.loads(run("runs", "--json", "--workspace", workspace)[0])["stands_in"] is False


def test_an_outage_table_lists_the_zones_that_its_sentence_counts(run: object, workspace: Path) -> None:
    found = json.loads(run("outage", "p1", "--json", "--workspace", workspace)[0])
    out, _ = run("outage", "p1", "--workspace", workspace)
    listed = [line for line in out.splitlines() if line.startswith("990101")]
    assert len(listed) == found["lost"]["zones"]
    assert any(line.startswith(G1) for line in listed)


def test_files_name_the_crs_of_each_input_on_stderr(run: object) -> None:
    Path("c.csv").write_text("id,lon,lat,kind\nc,102.0005,37.0005,panoramic\n", encoding="utf-8")
    _, err = run("analyze", "--cameras", "c.csv", "--crs", "cameras=gcj02", "--out", "r")
    assert "c.csv" in err
    assert "gcj02" in err
    summary = json.loads(Path("r/summary.json").read_text(encoding="utf-8"))
    assert summary["inputs_crs"] == {"cameras": {"file": "c.csv", "crs": "gcj02", "from": "option", "in_file": None}}
    for words in (["=gcj02"], ["cameras="], ["gcj02", "wgs84"], ["cameras=gcj02", "cameras=gcj02"], ["moons=gcj02"]):
        options = [word for one in words for word in ("--crs", one)]
        run("analyze", "--cameras", "c.csv", *options, "--out", "r2", code=2)
