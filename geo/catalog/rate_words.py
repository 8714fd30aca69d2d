"""Say in words what a rate is of: kinds of places and facilities, classes of cameras and roads (rule P6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from geo.catalog.free_words import ROAD_CLASSES
from geo.catalog.kinds import FACILITY_KINDS, PLACE_KINDS, kind_words
from geo.catalog.layers import LAYERS

#: Rates that are no share of one but a number of one thing for each of another.
PER_ITEM_RATES = ("heads_per_grid", "households_per_staff")
#: What stands where no row tells the value that a rate asks for.
NOT_FILLED_IN = ("未填", "not filled in")

#: Rate -> layer and field whose cells it asks for.
ASKED_FIELDS: Mapping[str, tuple[str, str]] = {
    "networked": ("cameras", "networked"), "villages_facility": ("facilities", "kind"),
    "villages_link": ("facilities", "link"), "grids_staffed": ("grids", "staff"), "heads_per_grid": ("grids", "heads"),
    "households_per_staff": ("grids", "households"),
}  # fmt: skip

_CLASSES = {one.name: (one.zh, one.en) for one in LAYERS["cameras"].field("class").values}
_ROADS = {name: (zh, name) for name, zh in ROAD_CLASSES.items()}
_KEYS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "places_covered": kind_words(PLACE_KINDS), "places_counted": kind_words(PLACE_KINDS),
    "villages_facility": kind_words(FACILITY_KINDS), "intact": _CLASSES, "roads_covered": _ROADS,
}  # fmt: skip


def rate_key_word(rate: str, key: str | None, lang: str) -> str | None:
    """Return what people read for the class or name that a rate is of; a name, or a word unknown here, stays.

    Examples
    --------
    >>> [rate_key_word("intact", "1", lang) for lang in ("zh", "en")]
    ['一类点', 'Class 1']
    >>> rate_key_word("roads_covered", "residential", "zh"), rate_key_word("roads_covered", "东环路", "zh")
    ('小区道路（residential）', '东环路')
    """
    pair = None if key is None else _KEYS.get(rate, {}).get(key)
    return key if pair is None else pair[lang == "en"]


def is_of_road_name(rate: str, key: str | None) -> bool:
    """Return whether a rate is of the roads of one name, of which a county has hundreds.

    Examples
    --------
    >>> [is_of_road_name("roads_covered", key) for key in (None, "primary", "东环路")]
    [False, False, True]
    """
    return rate == "roads_covered" and key is not None and key not in ROAD_CLASSES


def columns_to_fill(rates: Iterable[str]) -> tuple[str, str] | None:
    """Return the sentence on the columns to fill in, in Chinese and English, for rates of which no row tells the value.

    Examples
    --------
    >>> (columns_to_fill(["networked"]) or ("", ""))[1]
    'not filled in: networked of layer cameras; fill the column in and import it again (gridsight template LAYER)'
    """
    asked = dict.fromkeys(ASKED_FIELDS[rate] for rate in rates if rate in ASKED_FIELDS)
    if not asked:
        return None
    zh = "、".join(f"图层 {layer} 的“{LAYERS[layer].field(name).zh}”（{name}）" for layer, name in asked)
    en = ", ".join(f"{name} of layer {layer}" for layer, name in asked)
    column = "columns" if len(asked) > 1 else "column"
    return (
        f"未填：{zh}，一行也没有填；填好再导入（gridsight template 图层 写出填报表）",
        f"not filled in: {en}; fill the {column} in and import it again (gridsight template LAYER)",
    )
