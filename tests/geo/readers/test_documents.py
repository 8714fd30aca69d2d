"""Read documents that are written here byte by byte; what is no text of a reader is left out, bombs are refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import UnreadableFile
from geo.readers import documents
from geo.readers.documents import document_text, plain_text

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def word(path: Path, body: str, *, part: str = "word/document.xml", head: str = "") -> Path:
    """Write a Word file with that body."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, f'{head}<w:document xmlns:w="{W}" xmlns:mc="{MC}"><w:body>{body}</w:body></w:document>')
    return path


def paragraph(*runs: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t>{text}</w:t></w:r>" for text in runs) + "</w:p>"


def test_paragraphs_and_tables_are_read_in_order(tmp_path: Path) -> None:
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("网格", "690"))
    two = f"<w:tc>{paragraph('综治')}{paragraph('中心')}</w:tc><w:tc>{paragraph('194')}</w:tc>"
    table = f"<w:tbl><w:tr>{cells}</w:tr><w:tr>{two}</w:tr></w:tbl>"
    path = word(tmp_path / "a.docx", paragraph("全县", "划分") + table + paragraph("完"))
    assert document_text(path) == "全县划分\n网格\t690\t\n综治 中心\t194\t\n完\n"


def test_what_no_reader_sees_is_left_out(tmp_path: Path) -> None:
    body = (
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>690</w:t><w:tab/><w:t>个</w:t></w:r>"
        "<w:del><w:r><w:delText>700</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>800</w:t></w:r></w:moveFrom>"
        "<w:r><w:instrText>PAGE 9</w:instrText></w:r>"
        "<mc:AlternateContent><mc:Choice><w:r><w:t>网格</w:t></w:r></mc:Choice>"
        "<mc:Fallback><w:r><w:t>网格</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"
    )
    assert document_text(word(tmp_path / "a.docx", body)) == "690\t个网格\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_plain_text_is_read_in_the_encodings_of_chinese_programs(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("690个网格\r\n".encode(encoding))
    assert document_text(path) == "690个网格\r\n"


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text = plain_text(data, "a.txt")
    except UnreadableFile:
        return
    assert "\0" not in text


@given(st.binary(max_size=300))
def test_any_bytes_are_no_word_file(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("docx") / "a.docx"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile):
        document_text(path)


def test_entities_are_refused_before_they_are_parsed(tmp_path: Path) -> None:
    head = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'
    with pytest.raises(UnreadableFile, match="DOCTYPE"):
        document_text(word(tmp_path / "a.docx", paragraph("&c;"), head=head))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", paragraph(" " * 20_000_000))
    assert path.stat().st_size < 100_000
    with pytest.raises(UnreadableFile, match="times its size"):
        document_text(path)


def test_depth_length_and_size_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableFile, match="nested too deep"):
        document_text(word(tmp_path / "a.docx", "<w:p>" * 1000 + "</w:p>" * 1000))
    long = word(tmp_path / "b.docx", paragraph("".join(str(k % 7919) for k in range(60_000))))
    with pytest.raises(UnreadableFile, match="more than 100,000 characters"):
        document_text(long)
    (tmp_path / "c.txt").write_text("9" * 100_001)
    with pytest.raises(UnreadableFile, match="more than 100,000 characters"):
        document_text(tmp_path / "c.txt")
    monkeypatch.setattr(documents, "MAX_FILE_BYTES", 10)
    with pytest.raises(UnreadableFile, match="over the limit"):
        document_text(long)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", b"PK\x03\x04"),
        ("a.doc", b"\xd0\xcf\x11\xe0"),
        ("a.pdf", b"%PDF-1.7"),
        ("a.txt", b""),
        ("a.txt", b"a\0b"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFile):
        document_text(path)


def test_a_word_file_without_its_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no sound Word file"):
        document_text(word(tmp_path / "a.docx", "", part="ppt/slides.xml"))
    with pytest.raises(UnreadableFile, match="no sound Word file"):
        document_text(word(tmp_path / "b.docx", "<w:p>"))
