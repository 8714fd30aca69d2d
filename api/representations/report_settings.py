"""Read the small settings file of a report: titles, unit, classification, logo."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.errors import BadValue, UnreadableFile
from geo.sentences import both

#: Largest settings file and logo, bytes.
MAX_SETTINGS_BYTES, MAX_LOGO_BYTES = 64_000, 1_000_000
#: Key of a text -> how many characters it may have; each also with ``_en``, for reports in English.
TEXTS = {"title": 60, "unit": 60, "classification": 30}
LOGO = "logo"
KEYS = (*(one for name in TEXTS for one in (name, f"{name}_en")), LOGO)
_LOGO_TYPES = ("image/png", "image/jpeg")


@dataclass(frozen=True)
class ReportSettings:
    """What a settings file says.

    Attributes
    ----------
    texts
        Key -> text.
    logo
        A PNG picture without transparency; None for none.
    logo_size
        Its width and height in pixels.
    """

    texts: dict[str, str]
    logo: bytes | None = None
    logo_size: tuple[int, int] = (0, 0)

    def text(self, key: str, lang: str) -> str:
        """Return a text in a language, in the other where it is written in that one only; empty for none.

        Examples
        --------
        >>> found = ReportSettings({"unit": "某县综治中心", "title": "月报", "title_en": "Monthly report"})
        >>> found.text("title", "en"), found.text("unit", "en"), found.text("classification", "zh")
        ('Monthly report', '某县综治中心', '')
        """
        zh, en = self.texts.get(key, ""), self.texts.get(f"{key}_en", "")
        return (en or zh) if lang == "en" else (zh or en)


NO_SETTINGS = ReportSettings({})


def read_settings(path: Path) -> ReportSettings:
    r"""Read a settings file in TOML; its logo is named relative to it.

    Raises
    ------
    BadValue
        The file cannot be read or is no TOML; a key is unknown, of another type or too long; the logo is no picture.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "report.toml"
    ...     _ = file.write_text('title = "月报"\nunit = "某县综治中心"\n', encoding="utf-8")
    ...     read_settings(file).texts
    {'title': '月报', 'unit': '某县综治中心'}
    """
    data = _bytes_of(path, MAX_SETTINGS_BYTES)
    try:
        found = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _refused(path, "不是 UTF-8", "it is no UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _refused(path, f"不是 TOML：{error}"[:200], f"it is no TOML: {error}"[:200]) from None
    unknown = [key for key in found if key not in KEYS]
    if unknown:
        listed, known = ", ".join(f"{key[:40]}" for key in unknown[:10]), ", ".join(KEYS)
        raise _refused(path, f"没有这些项：{listed}；可用：{known}", f"unknown keys: {listed}; there are: {known}")
    texts = {key: _text(path, key, value) for key, value in found.items() if key != LOGO}
    if LOGO not in found:
        return ReportSettings(texts)
    if not isinstance(found[LOGO], str) or not found[LOGO].strip():
        raise _refused(path, "logo 应是图片文件的名称", "logo should be the name of a picture file")
    try:
        return ReportSettings(texts, *_logo(path.parent / found[LOGO]))
    except ValueError as error:
        if isinstance(error, BadValue):
            raise
        raise _refused(path, "logo 的文件名不可用", "the name of the logo cannot be used") from None


def report_title(text: str, what: str = "title") -> str:
    """Return a text of a report as one line; raise BadValue where it cannot be printed or there is no room for it.

    Examples
    --------
    >>> report_title("  月报 ")
    '月报'
    """
    plain = " ".join(text.split())
    if not plain.isprintable():
        raise BadValue(f"报告的 {what} 里有不能打印的字符", f"{what} of a report has characters that cannot be printed")
    most = TEXTS[what.removesuffix("_en")]
    if len(plain) > most:
        raise BadValue(
            f"报告的 {what} 有 {len(plain)} 个字，最多 {most} 个",
            f"{what} of a report has {len(plain)} characters, at most {most} have room",
        )
    return plain


def _text(path: Path, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise _refused(path, f"{key} 应是带引号的文字", f"{key} should be a text in quotes")
    try:
        return report_title(value, key)
    except BadValue as error:
        raise _refused(path, *both(str(error))) from None


def _logo(path: Path) -> tuple[bytes, tuple[int, int]]:
    """Return a logo as PNG on white, with its size in pixels."""
    from geo.basemaps.pictures import as_png, decoded, media_type  # noqa: PLC0415 (few reports have a logo)

    data = _bytes_of(path, MAX_LOGO_BYTES)
    if media_type(data) not in _LOGO_TYPES:
        raise _refused(path, "logo 应是 PNG 或 JPEG", "a logo should be a PNG or a JPEG")
    try:
        pixels = decoded(data)
    except UnreadableFile as error:
        raise _refused(path, *both(str(error))) from None
    colours, opacity = pixels[..., :3].astype(float), pixels[..., 3:] / 255.0
    flat = np.rint(colours * opacity + 255.0 * (1.0 - opacity)).astype(np.uint8)
    opaque = np.concatenate([flat, np.full_like(pixels[..., 3:], 255)], axis=2)
    return as_png(opaque), (pixels.shape[1], pixels.shape[0])


def _bytes_of(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise _refused(path, f"打不开（{why}）", f"it cannot be opened ({why})") from None
    if len(data) > most:
        raise _refused(path, f"超过 {most / 1000:g} kB", f"it is over {most / 1000:g} kB")
    return data


def _refused(path: Path, zh: str, en: str) -> BadValue:
    return BadValue(f"报告设置 {path.name}：{zh}", f"settings of a report, {path.name}: {en}")
