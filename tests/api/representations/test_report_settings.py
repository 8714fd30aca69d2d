"""Settings of a report: every key bounded, unknown ones named, a logo that is a picture; refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from api.representations.report_settings import KEYS, MAX_LOGO_BYTES, MAX_SETTINGS_BYTES, read_settings
from geo.basemaps.pictures import as_png
from geo.errors import BadValue


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "report.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_each_key_is_read(tmp_path: Path) -> None:
    pixels = np.zeros((10, 30, 4), np.uint8)  # transparent: white on paper
    (tmp_path / "logo.png").write_bytes(as_png(pixels))
    text = "\n".join(f'{key} = " {key}  text "' for key in KEYS if key != "logo")
    found = read_settings(written(tmp_path, f'\ufeff{text}\nlogo = "logo.png"\n'))
    assert found.texts == {key: f"{key} text" for key in KEYS if key != "logo"}
    assert found.logo_size == (30, 10)
    assert found.logo == as_png(np.full((10, 30, 4), 255, np.uint8))
    assert read_settings(written(tmp_path, "")).text("title", "zh") == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'title = "{"题" * 300}"', "报告的 title 有 300 个字，最多 60 个"),
        (f'classification_en = "{"c" * 31}"', "最多 30 个"),
        ('titel = "a"\nseal = "b"', "没有这些项：titel, seal；可用：title, title_en, unit"),
        ("title = 3", "title 应是带引号的文字"),
        ("[title]\nzh = 'a'", "title 应是带引号的文字"),
        ('title = "a\\u0007b"', "不能打印的字符"),
        ("title = ", "不是 TOML"),
        ("a = " + "[" * 5_000, "不是 TOML"),
        (b"title = '\xd6\xd0'", "不是 UTF-8"),
        ("#" * (MAX_SETTINGS_BYTES + 1), "超过 64 kB"),
        ("logo = 3", "logo 应是图片文件的名称"),
        ('logo = ""', "logo 应是图片文件的名称"),
        ('logo = "none.png"', "none.png：打不开"),
        ('logo = "."', "打不开"),
        ('logo = "a\\u0000b"', "logo 的文件名不可用"),
        ('logo = "text.png"', "text.png：logo 应是 PNG 或 JPEG"),
        ('logo = "broken.png"', "broken.png：瓦片图片不可用"),
        ('logo = "large.png"', "large.png：超过 1000 kB"),
        ('logo = "wide.png"', "wide.png：瓦片图片不可用：边长"),
    ],
)  # fmt: skip
def test_bad_settings_are_refused_in_a_sentence(tmp_path: Path, text: str | bytes, said: str) -> None:
    png = as_png(np.full((10, 30, 4), 99, np.uint8))
    (tmp_path / "text.png").write_text("GIF89a")
    (tmp_path / "broken.png").write_bytes(png[:40])
    (tmp_path / "large.png").write_bytes(png + bytes(MAX_LOGO_BYTES))
    (tmp_path / "wide.png").write_bytes(as_png(np.zeros((1, 2_049, 4), np.uint8)))
    with pytest.raises(BadValue) as raised:
        read_settings(written(tmp_path, text))
    assert said in str(raised.value)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match=r"none\.toml"):
        read_settings(tmp_path / "none.toml")
