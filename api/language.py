"""Choose between Chinese and English: Chinese unless English is requested."""

from __future__ import annotations

import os
import re
from typing import Literal

Language = Literal["zh", "en"]

_RANGE = re.compile(r"\s*([A-Za-z*]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*$")


def from_environment() -> Language:
    """Return the language of the command line: GRIDSIGHT_LANG, `zh` unless it begins with `en`."""
    return "en" if os.environ.get("GRIDSIGHT_LANG", "").lower().startswith("en") else "zh"


def from_header(accept_language: str | None) -> Language:
    """Return `en` where the Accept-Language header prefers English to Chinese, else `zh`."""
    best = {"zh": 0.0, "en": 0.0}
    for part in (accept_language or "")[:1000].split(","):
        found = _RANGE.match(part)
        if found:
            primary = found[1].split("-")[0].lower()
            if primary in best:
                best[primary] = max(best[primary], float(found[2] or 1))
    return "en" if best["en"] > best["zh"] else "zh"
