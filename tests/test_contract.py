"""Hold docs/contract.md to the program: what it promises is there, or stands in its list of what is not yet."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from pathlib import Path

import click
import pytest

import geo
from api.cli import COMMANDS, gridsight
from api.main import create_app
from api.settings import Settings
from geo.storage.protocol import Store

with warnings.catch_warnings():
    # Starlette warns of httpx, which it still uses; its successor is not on every index yet.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
CHINESE, ENGLISH = PAGE.split("\n## English\n")


def sections(half: str) -> dict[str, str]:
    """Return number -> text of the sections of one half."""
    return {found[1]: found[2] for found in re.finditer(r"^### (\d)\. (.*?)(?=^<a id|\Z)", half, re.M | re.S)}


def not_yet(half: str) -> list[tuple[str, set[str]]]:
    """Return section and named things of each line of the list on top."""
    rows = re.findall(r"^\| (\d) \| (.*?) \| .* \|$", half.split("### 1.", maxsplit=1)[0], re.M)
    return [(section, set(re.findall(r"`([^`]+)`", what))) for section, what in rows]


MISSING = {name for _, names in not_yet(ENGLISH) for name in names}


def promised_options() -> dict[str, set[str]]:
    """Return command -> options of the block of section 1."""
    block = re.search(r"```\n(.*?)```", sections(ENGLISH)["1"], re.S)
    assert block is not None
    out: dict[str, set[str]] = {}
    for words in re.split(r"\bgridsight\b", block[1])[1:]:
        first, _, rest = words.strip().partition(" ")
        if first == "runs":  # one line of five commands
            for one in [first, *(part.split()[0] for part in rest.split("|")[1:] if part.split()[0].islower())]:
                out.setdefault(one, set())
            out["outage"].add("--run")
        else:
            out.setdefault(first, set()).update(re.findall(r"--[a-z-]+", rest))
    return out


def test_both_halves_have_the_same_sections_and_name_the_same_things() -> None:
    chinese, english = sections(CHINESE), sections(ENGLISH)
    assert list(chinese) == list(english) == [str(n) for n in range(1, 9)]
    for number in english:
        names = [Counter(re.findall(r"`/?[\w./-]+`", half[number])) for half in (chinese, english)]
        assert names[0] == names[1], number
    assert not_yet(CHINESE) == not_yet(ENGLISH)


@pytest.mark.parametrize("number", range(1, 9))
def test_each_section_has_an_anchor_in_each_half(number: int) -> None:
    assert CHINESE.count(f'<a id="section-{number}"></a>') == 1
    assert ENGLISH.count(f'<a id="section-{number}-en"></a>') == 1


def test_every_command_is_there_or_named_as_missing() -> None:
    promised = promised_options()
    assert {"demo", "import", "runs", "gaps", "outage", "exposure", "compare", "plan", "code", "audit"} <= set(promised)
    missing = {name.split()[1] for name in MISSING if name.startswith("gridsight ")}
    assert set(promised) - set(COMMANDS) == missing


def test_every_option_is_there_or_named_as_missing() -> None:
    missing = {name for name in MISSING if re.fullmatch(r"[a-z]+ --[a-z-]+", name)} - {"import --json"}
    absent = set()
    for name, options in promised_options().items():
        command = gridsight.get_command(click.Context(gridsight), name)
        if command is None:
            continue
        commands = [command, *(command.commands.values() if isinstance(command, click.Group) else [])]
        known = {option for one in commands for parameter in one.params for option in parameter.opts}
        absent |= {f"{name} {option}" for option in options - known}
    assert absent == missing


def test_every_python_name_is_there_or_named_as_missing() -> None:
    promised = set(re.findall(r"`geo\.([A-Za-z_]+)", sections(ENGLISH)["2"]))
    assert len(promised) > 10
    missing = {name.removeprefix("geo.") for name in ("geo.plan", "geo.exposure") if name in MISSING}
    assert promised - set(geo.__all__) == missing


def test_every_method_of_the_store_is_there() -> None:
    text = sections(ENGLISH)["4"].split("\n\n- **")[0]
    promised = set(re.findall(r"`(?:with store\.)?([a-z_]+)(?:\(|`)", text)) - {"def", "where"}
    assert {"read", "get", "write", "put", "delete", "save_run", "runs", "run", "delete_run", "revision"} <= promised
    assert promised <= set(dir(Store))


def test_every_route_is_there_or_named_as_missing(tmp_path: Path) -> None:
    table = sections(ENGLISH)["3"].split("Format:", maxsplit=1)[0]
    promised = {path.split("?")[0].rstrip("/.") or "/" for path in re.findall(r"`(/[^`]*)`", table)}
    assert {"/", "/ogc/api", "/runs/{id}/gaps", "/openapi.json", "/problems/{slug}"} <= promised
    with TestClient(create_app(Settings(workspace=tmp_path / "w.gpkg")), base_url="http://127.0.0.1") as client:
        absent = {path for path in promised if _is_no_route(client, re.sub(r"\{[^}]*\}", "x", path))}
    assert absent == {name for section, names in not_yet(ENGLISH) if section == "3" for name in names}


def _is_no_route(client: TestClient, path: str) -> bool:
    answer = client.get(path)
    return answer.status_code == 404 and answer.json()["code"] == "no-route"
