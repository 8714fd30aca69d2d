"""Declare the editions of IEC 62676-4 with their levels in pixels per metre, and the kinds of domain (rules R, D1)."""

from __future__ import annotations

from collections.abc import Mapping

from geo.errors import UnknownName

DEFAULT_EDITION = "iec62676-4:2014"
#: Edition -> level -> pixels per metre, in rising order (rules, section Seeing).
EDITIONS: Mapping[str, Mapping[str, float]] = {
    "iec62676-4:2014": {"detect": 25.0, "observe": 62.5, "recognise": 125.0, "identify": 250.0},
    "iec62676-4:2025": {
        "overview": 20.0,
        "outline": 40.0,
        "discern": 80.0,
        "perceive": 125.0,
        "characterise": 250.0,
        "validate": 500.0,
        "scrutinise": 1500.0,
    },
}
DEFAULT_LEVEL: Mapping[str, str] = {"iec62676-4:2014": "detect", "iec62676-4:2025": "outline"}

#: Level -> its name in Chinese and English.
LEVEL_NAMES: Mapping[str, tuple[str, str]] = {
    "detect": ("探测", "detect"),
    "observe": ("观察", "observe"),
    "recognise": ("认出", "recognise"),
    "identify": ("确认", "identify"),
    "overview": ("概览", "overview"),
    "outline": ("轮廓", "outline"),
    "discern": ("分辨", "discern"),
    "perceive": ("感知", "perceive"),
    "characterise": ("特征", "characterise"),
    "validate": ("核验", "validate"),
    "scrutinise": ("细查", "scrutinise"),
}

#: Kinds of domain but ``auto``, in the order that ``auto`` tries them (rule D1) -> names in Chinese and English.
DOMAIN_NAMES: Mapping[str, tuple[str, str]] = {
    "demand": ("需求图层", "demand layer"),
    "streets": ("道路路面", "streets"),
    "buildings": ("建筑周边 30 m", "30 m round buildings"),
    "all": ("全部地面", "all ground"),
}
DOMAINS = ("auto", *DOMAIN_NAMES)


def density(level: str, edition: str = DEFAULT_EDITION) -> float:
    """Return the pixels per metre of a level; raise UnknownName, naming the known ones, otherwise."""
    return levels(edition)[_known(level, levels(edition), "级别", "level")]


def levels(edition: str = DEFAULT_EDITION) -> Mapping[str, float]:
    """Return the levels of an edition in rising order; raise UnknownName otherwise."""
    return EDITIONS[_known(edition, EDITIONS, "版本", "edition")]


def default_level(edition: str = DEFAULT_EDITION) -> str:
    """Return the level an edition is read at where none is named; raise UnknownName for an unknown edition."""
    return DEFAULT_LEVEL[_known(edition, DEFAULT_LEVEL, "版本", "edition")]


def lowest_level(edition: str = DEFAULT_EDITION) -> str:
    """Return the level of an edition that reaches farthest; raise UnknownName for an unknown edition.

    Examples
    --------
    >>> lowest_level("iec62676-4:2025")
    'overview'
    """
    return next(iter(levels(edition)))


def _known(name: str, there: Mapping[str, object], zh: str, en: str) -> str:
    if name in there:
        return name
    known = ", ".join(there)
    raise UnknownName(f"没有{zh} {name}，可用：{known}", f"no {en} {name}; there are: {known}")
