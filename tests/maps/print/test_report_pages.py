"""Pages of a report: every cell is there as text, long ones in full at the end; nothing but the unit is filled in."""

from __future__ import annotations

import io
import re

import pypdf
import pypdfium2
import pytest
import shapely

from maps.print.report_pages import MOST_LINES, PrintedReport, ReportColumn, ReportHead, ReportTable, write_report

RUN = "0199a5c0-0000-7000-8000-000000000000"
HEAD = ReportHead("试验县报告", "试验县综治中心", "内部资料", None, (0, 0), "2026-11-29", RUN, None, "zh")
COLUMNS = (ReportColumn("类型", once=True), ReportColumn("名称"), ReportColumn("数量", "right"))


def table(rows: list[tuple[str, ...]], section: str = "甲", **others: object) -> ReportTable:
    return ReportTable(section, f"{section}表", COLUMNS, rows, **others)


def printed(*tables: ReportTable, head: ReportHead = HEAD) -> tuple[PrintedReport, bytes, list[str]]:
    """Return what was printed, the file, and the text of its pages without breaks."""
    out = io.BytesIO()
    report = write_report(head, tables, out)
    document = pypdfium2.PdfDocument(out.getvalue())
    texts = [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in document]
    return report, out.getvalue(), texts


def test_every_page_says_what_it_is_of_and_leaves_the_rest_to_be_written() -> None:
    rows = [("部位", f"学校{k}", f"{k:,}") for k in range(1, 121)]
    report, _, texts = printed(table(rows, rules="P2 P6"), table([], "乙", notes=("没有。",), rules="P7"))
    assert report.pages == len(texts) == 4
    for n, text in enumerate(texts, 1):
        of_page = (f"第{n}页，共4页", "数据日期2026-11-29", RUN, "试验县报告", "内部资料")
        for said in (*of_page, "填报单位：试验县综治中心", "填表人：审核人：批准人：", "盖章处", "日期："):
            assert said in text, (n, said)
    assert all("规则P2P6" in text for text in texts[:3])
    assert "规则P7" in texts[3]
    assert "无" in texts[3]
    told = "".join(texts)
    assert all(f"学校{k}{k:,}" in told for k in range(1, 121)), "a row is on one page, whole"


def test_an_equal_text_below_another_is_printed_once_a_page() -> None:
    _, _, texts = printed(table([("部位", f"学校{k}", str(k)) for k in range(60)]))
    assert [text.count("部位") for text in texts] == [1, 1]


def test_sections_begin_a_page_and_tables_of_one_share_it() -> None:
    _, data, texts = printed(table([("a", "b", "1")]), table([("c", "d", "2")]), table([("e", "f", "3")], "乙"))
    assert len(texts) == 2
    assert texts[0].count("甲表") == 2
    outline = pypdf.PdfReader(io.BytesIO(data)).outline
    assert [one.title for one in outline] == ["甲表", "甲表", "乙表"]


def test_a_text_without_room_is_wrapped_then_cut_and_told_in_full() -> None:
    long, endless = "很长的名称" * 30, "A1" * 400
    report, _, texts = printed(table([("部位", "学校" * 30, "1"), ("部位", long, "2"), (endless, "x", "3")]))
    assert "学校" * 30 in texts[0], "three lines have room for it"
    assert [(title, row) for title, row, _ in report.cut] == [("甲表", 2), ("甲表", 3)]
    assert [text for _, _, text in report.cut] == [long, endless]
    assert long not in texts[0]
    assert "…" in texts[0]
    assert long in texts[-1]
    assert endless in texts[-1]


@pytest.mark.parametrize(
    ("lang", "letters"), [("zh", "某某自治县社会治安综合治理中心"), ("en", "Office of public order of ")]
)
def test_a_unit_and_a_classification_as_long_as_may_be_are_whole(lang: str, letters: str) -> None:
    """As the settings of a report allow: 60 characters of a title and of a unit, 30 of a classification."""
    unit, classification, title = ((letters * 5)[:n].strip() for n in (60, 30, 60))
    head = ReportHead(title, unit, classification, None, (0, 0), "2026-11-29", RUN, None, lang)
    _, _, texts = printed(table([("a", "b", "1")]), head=head)
    bare = [re.sub(r"\s", "", one) for one in (title, unit, classification)]
    assert "…" not in texts[0]
    assert all(one in texts[0] for one in bare)
    assert texts[0].count(bare[1]) >= 2, "at the head, and where it is signed"


def test_the_words_of_a_place_have_the_room_that_short_columns_leave() -> None:
    where = "about 1,240 m south-south-east of the crossing of Wuwei East Ring Road and National Highway 312, Minqin"
    names = ("No.", "Where", "Township", "Grid name", "Grid", "Cause", "Area (m²)", "Weight")
    right = ("No.", "Area (m²)", "Weight")
    columns = tuple(ReportColumn(name, "right" if name in right else "left") for name in names)
    cause = "hidden by a building or a wall"
    row = ("1", where, "Sanlei township", "Grid 12 of Xinhe", "620621100201012", cause, "12,345", "123,456.78")
    report, _, texts = printed(ReportTable("Gaps", "Gaps", columns, [row] * 30))
    assert report.cut == ()
    told = re.sub(r"\s", "", where)
    assert sum(text.count(told) for text in texts) == 30
    assert all(re.sub(r"\s", "", name) in texts[0] for name in names)


def test_a_text_longer_than_a_page_goes_on_over_pages() -> None:
    endless = "".join(chr(0x4E00 + k % 3_000) for k in range(9_000))
    report, data, texts = printed(table([("部位", endless, "1")]))
    assert report.pages > 3
    rows = [endless[at : at + 1_000] for at in range(0, 9_000, 1_000)]
    assert all(any(one in text for text in texts[1:]) for one in rows)
    for page in pypdfium2.PdfDocument(data):
        text = page.get_textpage()
        assert all(text.get_rect(k)[1] > 20 for k in range(text.count_rects()))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_leaves_the_page_or_lies_on_another(lang: str) -> None:
    rows = [("部位" * 9, "很长的名称 with words " * 9, "123,456,789")] * 30
    head = ReportHead("题" * 60, "单" * 60, "密" * 30, None, (0, 0), "2026-11-29", RUN, None, lang)
    out = io.BytesIO()
    write_report(head, [table(rows, notes=("说明" * 80,), rules="P1 P2 P3 P4")], out)
    for page in pypdfium2.PdfDocument(out.getvalue()):
        text = page.get_textpage()
        boxes = [text.get_rect(k) for k in range(text.count_rects())]
        width, height = page.get_size()
        paper = shapely.box(20, 20, width - 20, height - 20)
        assert all(paper.contains(shapely.box(*one)) for one in boxes)
        for k, (left, low, right, high) in enumerate(boxes):
            for left2, low2, right2, high2 in boxes[k + 1 :]:
                assert min(right, right2) - max(left, left2) < 0.5 or min(high, high2) - max(low, low2) < 0.5


def test_without_a_unit_there_is_a_line_and_a_logo_is_a_picture() -> None:
    import numpy as np

    from geo.basemaps.pictures import as_png

    logo = as_png(np.full((20, 60, 4), 200, np.uint8))
    head = ReportHead("题", "", "", logo, (60, 20), "2026-11-29", RUN, None, "en")
    report, data, texts = printed(table([("a", "b", "1")]), head=head)
    assert "Office:Date:" in texts[0]
    assert report.missing == ()
    assert len(pypdf.PdfReader(io.BytesIO(data)).pages[0].images) == 1


def test_the_same_tables_give_the_same_bytes_in_their_language() -> None:
    one, other = printed(table([("a", "b", "1")])), printed(table([("a", "b", "1")]))
    assert one[1] == other[1]
    reader = pypdf.PdfReader(io.BytesIO(one[1]))
    assert (reader.metadata.title, reader.trailer["/Root"]["/Lang"]) == ("试验县报告", "zh-CN")
    assert MOST_LINES == 3
