"""Know the province and the city before a county where the layer of divisions begins with the county itself.

A county office has its towns and villages, and neither province nor city; its addresses name both all the same. The
province is known by the code of the county (GB/T 2260). The city is not: it is taken as written where the province is
right or not written, and a county of a name that no other has, one that ends in 县 or 旗, follows.
"""

from __future__ import annotations

import re

from geo.catalog.division_codes import PROVINCES
from geo.places.address.division_names import RANKS
from geo.places.address.place_tree import ROOT, PlaceTree

_SUFFIX = re.compile("省|市|特别行政区|(?:壮族|回族|维吾尔)?自治区")
# No city is named so: 不在, 离开, 应为.
_CITY_CHARACTER = r"[^\W0-9a-zA-Z_路街巷道号村组镇乡县区不没非离在到从去往应为错误]"
_CITY = re.compile(rf"{_CITY_CHARACTER}{{2,9}}?(?:市|自治州|州|地区|盟)")
_SHORT_CITY = re.compile(rf"{_CITY_CHARACTER}{{2,3}}")
_COUNTY, _PROVINCE = RANKS["county"], RANKS["province"]
_UNIQUE = ("县", "旗")


class NamesAbove:
    """Judge of words before the first name of a text, over one tree of places.

    Examples
    --------
    >>> import pandas as pd
    >>> codes, names = ["620622", "620622102"], ["古浪县", "土门镇"]
    >>> tree = PlaceTree.of(pd.DataFrame({"code": codes, "name": names, "level": [3, 4]}))
    >>> above, county, town = NamesAbove(tree), tree.find("620622"), tree.find("620622102")
    >>> [above.hold(words, county) for words in ("甘肃省武威市", "甘肃武威", "武威市", "甘肃省", "陕西省", "不在")]
    [True, True, True, True, False, False]
    >>> [above.hold(words, town) for words in ("甘肃省", "甘肃省武威市", "陕西省")]
    [True, False, False]
    """

    def __init__(self, tree: PlaceTree) -> None:
        self._tree = tree
        ranks = tree.rank.tolist()
        known = {rank for rank in ranks if _PROVINCE <= rank < _COUNTY}
        #: Whether provinces and cities are known, so that nothing is taken as written.
        self.are_known = bool(known)

    def hold(self, words: str, place: int) -> bool:
        """Return whether words are the province, or province and city, that hold the place named behind them."""
        if self.are_known or place == ROOT:
            return False
        province = PROVINCES.get(self._tree.codes[place][:2])
        if province is None:
            return False
        at, has_province = 0, words.startswith(province)
        if has_province:
            suffix = _SUFFIX.match(words, len(province))
            at = suffix.end() if suffix is not None else len(province)
        if at == len(words):
            return has_province
        if self._tree.rank[place] != _COUNTY or not self._tree.names[place][0].endswith(_UNIQUE):
            return False
        if not has_province and any(words.startswith(other, at) for other in PROVINCES.values()):
            return False
        return _CITY.fullmatch(words, at) is not None or (has_province and _SHORT_CITY.fullmatch(words, at) is not None)
