"""Read the coordinate system that a word of planners names: 高德, 国家2000, CGCS2000 CM 102."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from geo.bounds import MAX_WORD
from geo.plain_words import bare_word, folded_word

#: What an unknown name is answered with, in Chinese and English.
KNOWN_ZH = "wgs84、cgcs2000（天地图）、gcj02（高德、腾讯）、bd09（百度）、西安80、北京54、CGCS2000 CM 102、EPSG:n"
KNOWN_EN = "wgs84, cgcs2000, gcj02 (Amap, Tencent), bd09 (Baidu), xian80, beijing54, CGCS2000 CM 102, EPSG:n"

# What stands beside such a word in a heading: amap_lng, lat_bd.
_AXIS = "longitude|latitude|long?|lng|lat"
_SYSTEMS: Mapping[str, str] = {
    "gcj02": (
        rf"gcj|火星|高德|腾讯|钉钉|国测局|谷歌(?!地球)"
        rf"|(?<![a-z])(?:{_AXIS})?(?:amap|autonavi|mars|gaode|tencent)(?:maps?|coord[a-z]*|china|{_AXIS})?(?![a-z])"
        rf"|(?<![a-z])(?:gd(?:{_AXIS}|[经纬]度?)|(?:{_AXIS}|[经纬]度?)gd)(?![a-z])"
    ),
    "bd09": rf"bd09|百度|baidu|bdll|(?<![a-z])(?:bd(?:{_AXIS}|[经纬]度?)|(?:{_AXIS}|[经纬]度?)bd)(?![a-z])",
    "wgs84": r"wgs(?!\d)|wgs(?:19)?84|crs84|gps|世界大地|谷歌地球|googleearth|^84$|84坐标|北斗",
    # 兰州2000坐标系 is a system of that city.
    "cgcs2000": (
        r"cgcs|国家2000|大地2000|^2000$|(?:^|[^\u4e00-\u9fff]|国家?|[为用是系])2000(?:国家)?(?:大地)?坐标"
        r"|天地图|(?<!80)(?<!80年)国家大地坐标"
    ),
    "西安80": r"西安(?:19)?80|(?:19)?80年?(?:西安|国家大地坐标)|xian(?:19)?80",
    "北京54": r"(?<!新)北京(?:19)?54|(?:19)?54年?北京|beijing(?:19)?54",
}
# Metres of a survey need their zone, which such a word does not name.
_PROJECTED = re.compile(
    r"投影|高斯|gauss|krueger|[36]度|度带|带号|\d号?带|中央|平面|utm|mercator|墨卡托|gk|zone|degree|\dcm|cm\d"
    r"|albers|lambert|阿尔伯斯|兰伯特|直角|xyz|(?:cgcs|国家|大地|坐标系)2000[(:]?(?:东经|e)?\d{2,3}(?!\d)"
    r"|(?:西安|xian)80[(:]?\d|(?:北京|beijing)(?:19)?54[(:]?\d"
)
_WEB = re.compile(r"web墨卡托|球面墨卡托|(?:web|pseudo|spherical)mercator")
_UTM = re.compile(r"utm[\s_-]*(?:zone)?[\s_-]*(\d{1,2})(?![\ds])")
_MERIDIAN = re.compile(r"(?:cm|中央经线|中央子午线)[\s_:=]*(\d{2,3})")
_ZONE = re.compile(r"(?:zone|带号)[\s_:=]*(\d{2})(?!\d)|(?<!\d)(\d{2})\s*号?带")
_SIX_DEGREES = re.compile(r"(?<!\d)6\s*(?:度|-?degree|_degree)")
#: System -> EPSG codes of two 3-degree zones: the meridian 75 E, and zone 25 with its number in the eastings.
_GAUSS_KRUGER = {"cgcs2000": (4534, 4513), "西安80": (2370, 2349), "北京54": (2422, 2401)}
_EPSG = re.compile(r"(?:epsg:*)?(\d{4,6})")
_EPSG_WITHIN = re.compile(r"epsg:*(\d{4,6})(?!\d)")
_NEGATED = re.compile(r"[非不未无]|(?<![a-z])(?:not|non|no)(?![a-z])")
# Systems of which nobody outside knows the parameters.
_UNKNOWN = re.compile(r"搜狗|sogou|图吧|mapbar|(?:地方|独立|城市|假定|自定义|工程)坐标|地方系")
# Coordinates that were made from those of the system named: 由GCJ02转换.
_MADE_FROM = re.compile(
    r"(?:由|从|自(?!动)|源).*(?:转|换算)|(?:转换?|换算)[后过]?[)）]?$|(?<![a-z])(?:from|converted$|was|formerly)(?![a-z])"
)
# What contradicts the system named: shifted ones have the shift, GCJ02（已纠偏） has not.
_CORRECTED, _SHIFTED = re.compile(r"纠偏|去偏|解密"), re.compile(r"加偏|加密|偏移")
_HAVE_SHIFT = {"gcj02", "bd09"}
#: Names in other forms, which are not read by their words: WKT, PROJ strings, URIs, lists of NAME=CRS.
_OTHER_FORM = re.compile(r"[\[+=;]|://|^\s*urn:", re.IGNORECASE)


@lru_cache(maxsize=1024)
def system_of_word(text: str) -> str | None:
    """Return the coordinate system that a word names, as `geo.crs` takes it; None where it names none, or two.

    A code is returned as ``EPSG:n`` without asking whether there is one of that number.

    Examples
    --------
    >>> [system_of_word(text) for text in ("高德", "百度坐标", "WGS-84", "CGCS2000", "地方坐标", "非国测局")]
    ['gcj02', 'bd09', 'wgs84', 'cgcs2000', None, None]
    """
    text = text[:MAX_WORD]
    if _OTHER_FORM.search(text):
        return None
    plain = bare_word(text)
    code = _EPSG.fullmatch(plain)
    if code is not None and plain != "2000":
        return f"EPSG:{code[1]}"
    return _system_of_phrase(text, plain)


def unknown_system(text: str) -> str | None:
    """Return the word in a text for a coordinate system that nothing can be computed with; None where it has none.

    Examples
    --------
    >>> [unknown_system(text) for text in ("经度(搜狗)", "X（地方坐标）", "经度")]
    ['搜狗', '地方坐标', None]
    """
    found = _UNKNOWN.search(bare_word(text[:MAX_WORD]))
    return None if found is None else found[0]


def _system_of_phrase(text: str, plain: str) -> str | None:
    folded = folded_word(text)
    if _NEGATED.search(folded) or _MADE_FROM.search(folded):
        return None
    found = [name for name, words in _SYSTEMS.items() if re.search(words, plain)]
    codes = set(_EPSG_WITHIN.findall(plain))
    if codes:
        return f"EPSG:{codes.pop()}" if len(codes) == 1 and not _HAVE_SHIFT & set(found) else None
    if _PROJECTED.search(plain):
        return _projected(folded, found)
    if len(found) != 1 or (_CORRECTED if found[0] in _HAVE_SHIFT else _SHIFTED).search(plain):
        return None
    return found[0]


def _projected(plain: str, named: list[str]) -> str | None:
    """Return the projection that a text names with its zone or central meridian; None where the zone is not named.

    Examples
    --------
    >>> _projected("cgcs2000 / 3-degree gauss-kruger cm 102e", ["cgcs2000"]), _projected("34带", ["西安80"])
    ('EPSG:4543', 'EPSG:2358')
    >>> _projected("2000 3度带", []) is None
    True
    """
    if _WEB.search(bare_word(plain)):
        return "EPSG:3857"
    utm = _UTM.search(plain)
    if utm is not None:
        return f"EPSG:{32600 + int(utm[1])}" if 1 <= int(utm[1]) <= 60 and set(named) <= {"wgs84"} else None
    systems = named or (["cgcs2000"] if "2000" in plain else [])
    if len(systems) != 1 or systems[0] not in _GAUSS_KRUGER or _SIX_DEGREES.search(plain):
        return None
    of_meridian, of_zone = _GAUSS_KRUGER[systems[0]]
    meridian, zone = _MERIDIAN.search(plain), _ZONE.search(plain)
    if meridian is not None and 75 <= int(meridian[1]) <= 135 and int(meridian[1]) % 3 == 0:
        return f"EPSG:{of_meridian + (int(meridian[1]) - 75) // 3}"
    number = next((int(one) for one in zone.groups() if one), 0) if zone is not None else 0
    return f"EPSG:{of_zone + number - 25}" if 25 <= number <= 45 else None
