"""Say in words what options of a run are called and what they were: level, edition, height, domain, zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from geo.catalog.editions import DOMAIN_NAMES, LEVEL_NAMES
from geo.catalog.results import ALL, is_zone_layer, zone_layer_names

#: Option that decides what a figure means -> its name in Chinese and English.
OPTION_NAMES: Mapping[str, tuple[str, str]] = {
    "level": ("评价级别", "level"),
    "edition": ("标准版本", "edition"),
    "target_height": ("目标高度", "height of the target"),
    "domain": ("评价范围", "domain"),
    "zones": ("区域", "zones"),
}
#: Between zone layers where several are one value, and between their names.
ZONES_JOINED = ", "
_COMMA = ("、", ", ")


def option_words(option: str, value: Any) -> tuple[str, str]:
    """Return a value of an option in Chinese and English; one without words as it is.

    Examples
    --------
    >>> option_words("level", "detect"), option_words("target_height", 1.6)
    (('探测', 'detect'), ('1.6 m', '1.6 m'))
    >>> option_words("zones", "grids, townships")
    ('网格、乡镇（街道）', 'grids, townships')
    """
    if value is None:
        return "无", "none"
    if option == "zones":
        names = [_zone_words(name) for name in value.split(ZONES_JOINED)]
        zh, en = (comma.join(name[k] for name in names) for k, comma in enumerate(_COMMA))
        return zh, en
    if option == "target_height":
        return (f"{value:g} m",) * 2
    return {"level": LEVEL_NAMES, "domain": DOMAIN_NAMES}.get(option, {}).get(str(value), (str(value),) * 2)


def _zone_words(layer: str) -> tuple[str, str]:
    if layer != ALL and not is_zone_layer(layer):
        return layer, layer
    zh, en = zone_layer_names(layer)
    return zh, en.lower()


def options_told(differing: Mapping[str, Iterable[Any]]) -> tuple[str, str]:
    """Return options with their values one after another, in Chinese and English.

    Examples
    --------
    >>> options_told({"level": ("detect", "identify"), "domain": ("streets", "all")})
    ('评价级别 探测 → 确认；评价范围 道路路面 → 全部地面', 'level detect → identify; domain streets → all ground')
    """
    told: tuple[list[str], list[str]] = ([], [])
    for option, values in differing.items():
        words = [option_words(option, value) for value in values]
        for k, name in enumerate(OPTION_NAMES[option]):
            told[k].append(f"{name} {' → '.join(word[k] for word in words)}")
    return "；".join(told[0]), "; ".join(told[1])
