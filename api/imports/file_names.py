"""Make a name that a caller gave to a file safe to make a file by."""

from __future__ import annotations

import re
import unicodedata

from api.problems import BadQuery

#: Bytes of a name; file systems take 255, and libraries add suffixes of their own.
_MAX_BYTES = 150
#: Not in names on any system that this runs on, and what GDAL reads as more than a name.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u2028\u2029\ud800-\udfff]')
#: Names of devices on Windows, whatever the suffix.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?=\s*(?:\.|$))", re.IGNORECASE)


def safe_name(given: str) -> str:
    r"""Return the last part of a path without what no file is named by; raise BadQuery where nothing is left.

    Examples
    --------
    >>> safe_name("C:\\文件\\土门镇 摄像机.xlsx"), safe_name("../../etc/cron.d/x.csv"), safe_name("a\x00b?.csv")
    ('土门镇 摄像机.xlsx', 'x.csv', 'a_b_.csv')
    """
    last = re.split(r"[/\\]", given[-1000:])[-1]
    # A format character may turn the direction of what follows, so that a name looks like another one.
    shown = "".join(one for one in last if unicodedata.category(one) != "Cf")
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", shown)).strip().strip(".").strip()
    name = _DEVICES.sub(lambda found: f"_{found[0]}", name, count=1) if _DEVICES.match(name) else name
    stem, dot, suffix = name.rpartition(".")
    if not (stem and dot and suffix):
        raise BadQuery(
            "文件名要有后缀，如 摄像机.csv", "the file needs a name with a suffix, such as cameras.csv"
        )  # fmt: skip
    room = _MAX_BYTES - len(suffix.encode()) - 1
    if room < 1:
        raise BadQuery("文件名过长", "the name of the file is too long")
    return f"{stem.encode()[:room].decode(errors='ignore')}.{suffix}"
