"""The report over HTTP: the files of the command line, with titles from the address, for planners."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pypdfium2
import pytest


def test_the_report_is_a_pack_of_pages_and_a_workbook(client) -> None:
    asked = {"lang": "zh", "title": "十一月报告", "unit": "试验县综治中心", "classification": "秘密"}
    answer = client.get("/prints/report.zip", params=asked)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert re.search(r'filename="report-[0-9a-f-]{36}\.zip"', answer.headers["content-disposition"])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.namelist() == ["report.pdf", "report.xlsx"]
        pages = pypdfium2.PdfDocument(file.read("report.pdf"))
        book = openpyxl.load_workbook(io.BytesIO(file.read("report.xlsx")))
    for page in pages:
        text = re.sub(r"\s", "", page.get_textpage().get_text_range())
        assert all(one in text for one in ("十一月报告", "填报单位：试验县综治中心", "秘密"))
    gaps = client.get("/runs/latest/gaps").json()["gaps"]
    assert book["盲区清单"].max_row == 1 + len(gaps)
    assert client.get("/prints/report.zip", params=asked).content == answer.content


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"title": "题" * 300}, 400), ({"title": "a\u0007"}, 400), ({"run": "none"}, 404), ({"since": "none"}, 404),
        ({"limit": "0"}, 400), ({"lang": "fr"}, 400), ({"logo": "a.png"}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(client, asked: dict, status: int) -> None:
    answer = client.get("/prints/report.zip", params=asked)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
