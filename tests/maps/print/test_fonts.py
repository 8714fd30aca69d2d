"""Check the font reader against fontTools, and line breaking by eye."""

from __future__ import annotations

from functools import cache

import pytest
from fontTools.pens.areaPen import AreaPen
from fontTools.ttLib import TTFont

from maps.print.fonts import FONT_PATH, Font, character_name, print_font
from maps.style.words import WORDS


@cache
def reference() -> TTFont:
    return TTFont(str(FONT_PATH), lazy=True)


def test_glyphs_and_widths_agree_with_fonttools():
    font, cmap = Font(FONT_PATH, "NotoSansSC"), reference().getBestCmap()
    metrics, units = reference()["hmtx"], reference()["head"].unitsPerEm
    for code in [*range(0x20, 0x400), *range(0x2000, 0x2700), *range(0x4E00, 0xA000, 7), 0x20BB7, 0x2A6D6, 0x10FFFF]:
        char = chr(code)
        assert font.has(char) == (code in cmap), hex(code)
        if code in cmap:
            assert font.width(char) == pytest.approx(metrics[cmap[code]][0] / units)


def test_font_has_every_gb2312_character():
    every = [bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)]
    assert len("".join(every)) == 6763
    assert print_font().missing(every) == []


def test_font_has_every_word_of_the_dictionary():
    from maps.print.sheet_words import SHEET_WORDS

    assert print_font().missing(text for pair in [*WORDS.values(), *SHEET_WORDS.values()] for text in pair) == []


@pytest.mark.parametrize(
    ("text", "fonts"),
    [
        ("평양동거리", ["NotoSansKR"]),
        ("ถนนสุขุมวิท", ["NotoSansThai"]),
        ("شارع الملك".replace(" ", ""), ["NotoSansArabic"]),
        ("ئۇيغۇر", ["NotoSansArabic"]),
        ("Łódź", ["NotoSans"]),
        ("Đường", []),
    ],
)
def test_what_the_first_font_lacks_another_draws(text, fonts):
    font = print_font()
    assert font.missing([text]) == []
    assert set(fonts) <= {name for name, _run in font.runs(text)} <= {"NotoSansSC", *fonts}
    assert "".join(run for _name, run in font.runs(text)) == text
    assert font.width(text) > 0
    assert any(font.outline(char) for char in text)


def test_a_character_for_private_use_is_missing_too():
    assert print_font().missing(["\ue001村", "\u0301"]) == ["\ue001"]
    assert character_name("\ue001") == "U+E001 PRIVATE USE"
    assert character_name("\U00012000") == "U+12000 CUNEIFORM SIGN A"


def test_missing_names_each_character_once():
    assert print_font().missing(["𡒄村", "古浪\n𡒄", "a\u200b"]) == ["𡒄"]


@pytest.mark.parametrize("char", "古é8Å①")
def test_outline_has_the_area_of_the_glyph(char):
    glyphs = reference().getGlyphSet()
    pen = AreaPen(glyphs)
    glyphs[reference().getBestCmap()[ord(char)]].draw(pen)
    area, points = 0.0, []
    for verb, *numbers in print_font().outline(char):
        if verb == "h":
            area += sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True)) / 2
            points = []
        elif verb == "c":
            points += curve(points[-1], numbers)
        else:
            points.append(tuple(numbers))
    assert area * 1000**2 == pytest.approx(pen.value, rel=2e-3)


def curve(start, numbers):
    """Return points along one cubic curve, its end included."""
    (x0, y0), (x1, y1, x2, y2, x3, y3) = start, numbers
    return [
        (
            s**3 * x0 + 3 * s * s * t * x1 + 3 * s * t * t * x2 + t**3 * x3,
            s**3 * y0 + 3 * s * s * t * y1 + 3 * s * t * t * y2 + t**3 * y3,
        )
        for t in (step / 40 for step in range(1, 41))
        for s in (1 - t,)
    ]


def test_outline_of_nothing_is_empty():
    assert print_font().outline(" ") == print_font().outline("𡒄") == ()


def test_shorten_keeps_what_fits():
    font = print_font()
    assert font.shorten("古浪县", 10, 30) == "古浪县"
    short = font.shorten("古浪县土门镇", 10, 35)
    assert short == "古浪…"
    assert font.width(short, 10) <= 35


def test_wrap_breaks_between_words_and_after_chinese():
    font = print_font()
    assert font.wrap("one two three", 10, font.width("one two", 10)) == ["one two", "three"]
    assert font.wrap("古浪县土门镇", 10, 30) == ["古浪县", "土门镇"]
    assert font.wrap("古浪县，土门", 10, 30) == ["古浪", "县，土", "门"]  # no comma begins a line
    assert font.wrap("", 10, 30) == []
    long = "说明 A3 sheet 620622101001 的代码；“确定”与（可能）都算。" * 5
    lines = font.wrap(long, 6, 80)
    assert "".join(lines).replace(" ", "") == long.replace(" ", "")
    assert all(line[0] not in "，。；）”" for line in lines)


def test_a_title_is_cut_in_its_middle():
    """Ten Chinese characters of 1 mm have room: an ellipsis, three from the start, six from the end."""
    font = print_font()
    assert font.shorten_middle("长" * 9, 1.0, 10.0) == "长" * 9
    dots = font.width("…", 1.0)
    cut = font.shorten_middle("长" * 30 + "县视频覆盖图", 1.0, 9.0 + dots)
    assert cut == "长长长…县视频覆盖图"
    assert font.width(cut, 1.0) <= 9.0 + dots
    assert font.shorten_middle("长" * 30, 1.0, 0.5) == "…"
