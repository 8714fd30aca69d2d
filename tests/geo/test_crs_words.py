"""Words for coordinate systems: what planners call them is what --crs and columns take, and nothing else is."""

import pytest

from geo.crs import crs_name, parse_crs
from geo.crs_words import system_of_word
from geo.errors import UnknownCrs

SYSTEMS = {
    "gcj02": "高德 高德地图 国测局 火星坐标 火星坐标系 腾讯 谷歌 GCJ-02 ｇｃｊ０２ Amap GCJ02坐标",
    "bd09": "百度 百度坐标系 百度地图 BD-09 bd09ll Baidu",
    "EPSG:4326": "转换为WGS84 WGS84（纠偏后） GPS WGS-84 WGS_1984 84坐标 谷歌地球 北斗 epsg4326",
    "EPSG:4490": "天地图 国家2000 大地2000 2000 2000坐标系 2000国家大地坐标系 CGCS-2000 EPSG:4490",
    "EPSG:4610": "西安80 1980西安坐标系 1980年西安坐标系 1980国家大地坐标系 Xian_1980",
    "EPSG:4214": "北京54 1954北京坐标系 Beijing-1954",
    "EPSG:4543": "CGCS2000_CM_102 2000坐标系中央经线102",
    "EPSG:2358": "西安80_34带",
    "EPSG:2431": "北京54_CM_102",
    "EPSG:32648": "UTM48N WGS84_UTM_zone_48N",
    "EPSG:3857": "Web墨卡托",
    # A code says more than the name beside it.
    "EPSG:4547": "CGCS2000(EPSG:4547)",
}


@pytest.mark.parametrize(("name", "word"), [(name, one) for name, words in SYSTEMS.items() for one in words.split()])
def test_a_system_is_known_by_what_planners_call_it(name: str, word: str) -> None:
    assert crs_name(word.replace("_", " ")) == name


# Two systems, none, one of another datum, a zone that is not named, a letter that is a hemisphere or a band.
@pytest.mark.parametrize(
    "word",
    [
        *("高德/WGS84", "不是高德", "非国测局", "地方坐标", "WGS72", "新北京54", "2000_3度带", "西安80_6度带_18带"),
        *("UTM_48S", "martian", "marseille", "NAD83"),
        # Systems of cities; what coordinates were made from, or no longer are; a meridian; other projections.
        *(
            "北京2000坐标",
            "兰州2000坐标系",
            "由GCJ02转换",
            "converted_from_gcj02",
            "GCJ02（已纠偏）",
            "WGS84（已加偏）",
        ),
        *("CGCS2000-102", "CGCS2000_东经102", "CGCS2000_35", "CGCS2000_Albers", "国家2000_平面直角", "高德_EPSG:4326"),
    ],
)
def test_what_names_no_system_is_refused_with_those_that_are_known(word: str) -> None:
    assert system_of_word(word.replace("_", " ")) is None
    with pytest.raises(UnknownCrs, match=r"可用：.*gcj02（高德、腾讯）.*there are: wgs84, cgcs2000") as refused:
        crs_name(word.replace("_", " "))
    assert word.replace("_", " ") in refused.value.zh


def test_a_code_stays_the_code_of_its_authority() -> None:
    # 2000 alone is the year of CGCS2000; with its authority it is the system of Anguilla.
    assert parse_crs("EPSG:2000").name == "Anguilla 1957 / British West Indies Grid"
    assert parse_crs("WGS 84 / Transverse Mercator 102.5").name == "WGS 84 / Transverse Mercator 102.5"
