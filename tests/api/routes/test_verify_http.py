"""Check reports over HTTP: by text, JSON and Word file; rights decide what of the cameras is compared."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.schemas.verify import WORD
from tests.api.conftest import T1, frames
from tests.api.server_fixtures import BASE, Door, door

TEXT = "试验县划分4个网格，微网格3个，视频监控99路，网格员12名，主要路段全覆盖。"


@pytest.fixture(scope="module", params=["embedded", pytest.param("county_server", marks=pytest.mark.server)])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(request, frames(), tmp_path_factory.mktemp("verify")) as opened:
        yield opened


def answers(client: object, text: str = TEXT) -> list[tuple]:
    told = client.post("/verify", content=text.encode(), headers={"Content-Type": "text/plain"})  # type: ignore[attr-defined]
    assert told.status_code == 200, told.text
    body = told.json()
    assert body["text"] == text
    for item in body["items"]:
        assert text[item["start"] : item["end"]] == item["text"]
    return [(item["text"], item["said"], item["have"], item["answer"], item["reason"]) for item in body["items"]]


def test_each_statement_is_answered(served: Door) -> None:
    found = answers(served.client())
    assert found == [
        ("4个网格", 4, 4, "equal", ""),
        ("微网格3个", 3, 2, "differs", ""),
        ("视频监控99路", 99, 4, "differs", ""),
        ("主要路段全覆盖", "holds", None, "not_checked", "no_data"),
    ]


def of_cameras(client: object) -> tuple:
    return next(one for one in answers(client) if "监控" in one[0])


def test_cameras_are_compared_for_who_may_read_all_of_them(served: Door) -> None:
    assert of_cameras(served.client("admin"))[2:] == (4, "differs", "")
    viewer = answers(served.client("viewer"))
    assert viewer[0][3] == "equal"
    assert viewer[2] == ("视频监控99路", 99, None, "not_checked", "rights")
    if served.kind == "county_server":  # a workspace has no rights by township
        # c1, c2 and c3 are of that township.
        assert of_cameras(served.client("planner", (T1,)))[2:] == (3, "not_checked", "rights")


def test_the_public_is_answered_nothing(served: Door) -> None:
    if served.kind == "county_server":
        told = TestClient(served.app, base_url=BASE).post("/verify", content=b"4")  # type: ignore[arg-type]
        assert told.status_code == 401


def test_json_and_word_files_are_read_like_text(served: Door) -> None:
    client = served.client()
    plain = client.post("/verify", content=TEXT.encode(), headers={"Content-Type": "text/plain; charset=utf-8"}).json()
    assert client.post("/verify", json={"text": TEXT}).json() == plain
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        body = f"<w:p><w:r><w:t>{TEXT}</w:t></w:r></w:p>"
        archive.writestr("word/document.xml", f'<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>')
    told = client.post("/verify", content=file.getvalue(), headers={"Content-Type": WORD}).json()
    assert told["text"] == TEXT + "\n"
    assert told["items"] == plain["items"]


@pytest.mark.parametrize(
    ("media", "body", "status"),
    [
        ("application/pdf", b"%PDF", 415),
        ("application/json", b"[]", 400),
        ("application/json", b'{"text": 1}', 400),
        ("application/json", b"{", 400),
        ("text/plain", b"\xff\x00\xfe", 422),
        ("text/plain", b"9" * 100_001, 422),
        (WORD, b"PK", 422),
    ],
)
def test_what_cannot_be_read_is_a_problem(served: Door, media: str, body: bytes, status: int) -> None:
    told = served.client().post("/verify", content=body, headers={"Content-Type": media})
    assert told.status_code == status, told.text
    assert told.json()["detail"]


def test_an_unknown_parameter_and_a_bad_day_are_refused(served: Door) -> None:
    for query in ("?on=2026-01-01", "?at=yesterday"):
        assert served.client().post(f"/verify{query}", json={"text": "4"}).status_code == 400


def test_the_command_answers_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    from api.cli import main
    from geo.storage.geopackage.store import open_store
    from geo.studies.import_files import import_frames

    with open_store(tmp_path / "w.gpkg") as store:
        import_frames(store, frames(), actor="test")
    (tmp_path / "a.txt").write_text(TEXT, encoding="gbk")
    given = ["verify", str(tmp_path / "a.txt"), "--workspace", str(tmp_path / "w.gpkg")]
    assert main([*given, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["counts"] == {"equal": 1, "differs": 2, "not_checked": 1}
    assert told["text"] == TEXT
    for lang, words in (
        ("zh", ("微网格3个", "不一致", "库里没有可比的数据")),
        ("en", ("differs", "nothing to compare")),
    ):
        monkeypatch.setenv("GRIDSIGHT_LANG", lang)
        assert main(given) == 1
        out = capsys.readouterr().out
        assert all(word in out for word in words)
        assert "网格员" not in out
    (tmp_path / "b.txt").write_text("4个网格", encoding="utf-8")
    assert main(["verify", str(tmp_path / "b.txt"), "--workspace", str(tmp_path / "w.gpkg")]) == 0
    assert main(["verify", str(tmp_path / "c.docx"), "--workspace", str(tmp_path / "w.gpkg")]) == 2
