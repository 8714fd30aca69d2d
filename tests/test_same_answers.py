"""Test that the comparison of answers finds every difference, and takes for none what is no answer."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from api import cli
from geo.catalog import results
from scripts.same_answers import ZONE_LAYERS, comparing, contents, odd_files
from scripts.same_answers.__main__ import COMMANDS, main
from scripts.same_answers.answers import Answers
from scripts.same_answers.normalise import Normaliser
from scripts.same_answers.pages import without_words
from scripts.same_answers.program import AskingFailed, Program, Reply

RUN, OTHER = "01a21ec9-c9ed-710a-aaf0-683ac5ff2cfa", "01a21ecb-a61f-7503-b17c-5c962bda1eb9"


def written(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / "group").mkdir(parents=True, exist_ok=True)
        (folder / "group" / name).write_text(text)
    return folder


def test_ids_made_at_random_are_numbered_so_that_equal_ones_stay_equal() -> None:
    normalise = Normaliser()
    assert normalise(f"a {RUN}, b {OTHER}, a {RUN}") == "a <uuid 1>, b <uuid 2>, a <uuid 1>"
    assert normalise(f"b {OTHER}") == "b <uuid 1>"


def test_only_moments_and_days_of_the_asking_are_replaced() -> None:
    now = datetime.now(tz=UTC)
    before, later = now - timedelta(days=3), now + timedelta(days=3)
    for moment in (before, later):
        for text in (moment.isoformat(), moment.date().isoformat(), f"D:{moment:%Y%m%d%H%M%S}+00'00'"):
            assert Normaliser()(text) == text
    told = f'{now.isoformat()} {now:%Y-%m-%dT%H:%M:%S}.123Z {now.date()} "2001-02-03"'
    assert Normaliser()(told) == '<time> <time> <day> "2001-02-03"'


@pytest.mark.parametrize(
    "text", ['"seconds": 3, ', '{"metres":12.5}', "约 12.5 秒", "(12.5 m)", "(1.0 sites)", "P000002", "12345678-1234"]
)
def test_figures_stay(text: str) -> None:
    assert Normaliser()(text).replace("<seconds>", "3") == text


def test_what_only_this_asking_knows_is_replaced_longest_first() -> None:
    normalise = Normaliser()
    normalise.know("/tmp/x", "<work>")
    normalise.know("/tmp/x/code", "<code>")
    assert normalise("/tmp/x/code/a /tmp/x/b") == "<code>/a <work>/b"


def test_equal_answers_are_equal(tmp_path: Path) -> None:
    a, b = (written(tmp_path / side, one="1\n", two="2\n") for side in "ab")
    (a / comparing.ABOUT).write_text('{"python": "1"}')
    (b / comparing.ABOUT).write_text('{"python": "2"}')
    assert comparing.compare(a, b) == []
    assert main(["compare", str(a), str(b)]) == 0


def test_one_digit_and_one_missing_answer_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = written(tmp_path / "a", one="row 1\nshare 0.129\n", two="2", same="0")
    b = written(tmp_path / "b", one="row 1\nshare 0.128\n", three="3", same="0")
    found = comparing.compare(a, b)
    assert [one.name for one in found] == ["group/one", "group/three", "group/two"]
    assert found[0].said == "  line 2, byte 16\n  - share 0.129\n  + share 0.128"
    assert main(["compare", str(a), str(b)]) == 1
    assert "3 of 3 answers differ: group 3" in capsys.readouterr().out


def test_an_answer_that_is_the_beginning_of_the_other_differs() -> None:
    assert comparing.first_difference(b"abc", b"abcd") == "  line 1, byte 3\n  - abc\n  + abcd"


def test_no_answers_are_no_equal_answers(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    written(tmp_path / "b", one="1")
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 2
    assert main(["compare", str(tmp_path / "none"), str(tmp_path / "none")]) == 2


def test_rows_of_a_database_tell_every_cell_and_no_order_of_columns(tmp_path: Path) -> None:
    for name, columns in (("a", "id TEXT, share REAL, shape BLOB"), ("b", "shape BLOB, share REAL, id TEXT")):
        with sqlite3.connect(tmp_path / name) as connection:
            connection.execute(f"CREATE TABLE t ({columns})")
            connection.execute("INSERT INTO t (id, share, shape) VALUES ('x', 0.1, ?)", [b"\0" * 100])
        connection.close()
    a, b = (contents.database(tmp_path / name) for name in "ab")
    assert a["t"] == b["t"]
    assert a["t"].startswith("id='x' | shape=100 bytes sha256 cd00e292")
    assert a["schema"] != b["schema"]


def test_a_page_is_told_apart_from_its_data_and_its_code() -> None:
    parts = contents.page('<p>1</p><script type="application/json" id="data">{"a":1}</script><script>f()</script>')
    assert parts["data.json"] == '{"a":1}'
    assert parts["code.txt"] == "script: f()"
    assert parts["page.html"] == '<p>1</p><script type="application/json" id="data">data</script><script></script>'


def test_headers_and_bodies_are_answers(tmp_path: Path) -> None:
    answers = Answers(tmp_path, "http", Normaliser())
    headers = {"date": "now", "etag": '"1"', "content-type": "application/json", "x-request-id": "random"}
    answers.reply("one", "GET", "/a", Reply(200, headers, b"{}"))
    assert (tmp_path / "http" / "one.txt").read_text() == (
        'GET /a\n200\ncontent-type: application/json\netag: "1"\n\n{}'
    )
    with pytest.raises(ValueError, match="two answers"):
        answers.reply("one", "GET", "/a", Reply(200, headers, b"{}"))


def test_words_of_a_description_are_left_out_and_nothing_else() -> None:
    value = {"title": "words", "properties": {"title": {"type": "string", "description": "words"}}, "list": [1, "a"]}
    assert without_words(value) == {"properties": {"title": {"type": "string"}}, "list": [1, "a"]}


def test_odd_files_are_the_same_every_time(tmp_path: Path) -> None:
    for side in "ab":
        odd_files.write(tmp_path / side)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(names) > 30
    for name in names:
        if not name.endswith((".gpkg", ".xlsx", ".zip", ".pbf")) and name != "shape":  # these hold when they were made
            assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


@pytest.mark.usefixtures("processes")
def test_the_code_of_another_folder_is_not_taken_for_the_one_asked(tmp_path: Path) -> None:
    with pytest.raises(AskingFailed, match="does not run the code"):
        Program(tmp_path).require_own()
    Program(Path(__file__).resolve().parent.parent).require_own()


def test_the_help_of_every_command_is_asked() -> None:
    there = []
    for name in cli.COMMANDS:
        command = cli.gridsight.get_command(click.Context(cli.gridsight), name)
        there += [name, *(f"{name} {sub}" for sub in getattr(command, "commands", ()))]
    assert sorted(COMMANDS) == sorted(there)


def test_the_zone_layers_asked_for_are_those_of_the_catalogue() -> None:
    assert (*results.ZONE_LAYERS, results.ALL) == ZONE_LAYERS
