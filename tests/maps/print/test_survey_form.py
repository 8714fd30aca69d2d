"""Read printed survey forms back: a block for each site, all rows, pages that hold them, the same bytes again."""

from __future__ import annotations

import io

import numpy as np
import pypdf
import pytest
import shapely

from maps.print.survey_form import MOST_ROWS, SurveyBlock, SurveyLine, write_survey_form

NONE = np.empty(0, object)


def block(name: str, rows: int) -> SurveyBlock:
    lines = tuple(SurveyLine(f"{name}-{i}", "东门", ("方位角（度）",), ("状态", "俯角（度）")) for i in range(rows))
    points = np.zeros((rows, 2))
    house = np.array([shapely.box(10, 10, 20, 20)], object)
    return SurveyBlock(name, "南镇", lines, house, NONE, points, np.array([shapely.Point(0, 0)] * rows, object))


def printed(*blocks: SurveyBlock, lang: str = "zh") -> tuple[bytes, list[str]]:
    out = io.BytesIO()
    count = write_survey_form(blocks, out, lang=lang, run="0190", made=None)
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(out.getvalue())).pages]
    assert len(pages) == count
    return out.getvalue(), pages


@pytest.mark.parametrize("sites", [0, 1, 3, 4, 10])
def test_three_sites_of_one_row_fit_on_a_page(sites: int) -> None:
    data, pages = printed(*(block(f"site{i}", 1) for i in range(sites)))
    assert len(pages) == max(1, -(-sites // 3))
    assert sum(page.count("-0") for page in pages) == sites
    assert f"第 {len(pages)} 页" in pages[-1]
    assert printed(*(block(f"site{i}", 1) for i in range(sites)))[0] == data


def test_a_site_of_many_rows_goes_on_in_further_blocks() -> None:
    _, pages = printed(block("pole", MOST_ROWS + 3))
    text = "\n".join(pages)
    assert all(f"pole-{i} " in text for i in range(MOST_ROWS + 3))
    assert text.count("方位角（度）") == MOST_ROWS + 3


def test_paper_is_in_one_language() -> None:
    _, pages = printed(block("pole", 1), lang="en")
    assert "Survey form" in pages[0]
    assert "现场" not in pages[0]
