"""Make places of towns that are easily confused, and texts that people find them by, each meaning one place only."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.benchmarks import wrong_characters
from tests.benchmarks.named_divisions import Divisions, half_of, parted

_ROADS = (
    "人民",
    "解放",
    "建设",
    "滨河",
    "文化",
    "育才",
    "车站",
    "和平",
    "新华",
    "民主",
    "朝阳",
    "胜利",
    "团结",
    "中山",
)
_ROAD_KINDS = ("路", "路", "东路", "西路", "街", "巷")
_OWNERS = (
    "惠民",
    "金源",
    "鑫隆",
    "福满",
    "顺达",
    "天骄",
    "万家",
    "民生",
    "宏达",
    "永盛",
    "锦绣",
    "御景",
    "阳光",
    "红旗",
)
#: What places are, and what people call them for short.
_KINDS = {
    "超市": "超市", "大酒店": "酒店", "大药房": "药店", "农贸市场": "菜市场", "火锅城": "火锅店", "花园小区": "花园",
    "家园": "家园", "商务宾馆": "宾馆", "汽车修理厂": "汽修厂", "建材市场": "建材城", "幼儿园": "幼儿园",
    "商贸广场": "广场",
}  # fmt: skip
#: Names that every town has, and what they are called for short.
_OF_A_TOWN = {
    "第一小学": "一小", "第二小学": "二小", "初级中学": "初中", "中心卫生院": "卫生院", "人民政府": "政府",
    "中国邮政储蓄银行": "邮储银行", "中国农业银行": "农行", "农村信用合作社": "信用社", "中国石油加油站": "中石油",
    "便民服务中心": "办事大厅", "派出所": "派出所", "汽车客运站": "汽车站",
}  # fmt: skip
#: Parts of one place, which are places themselves; as they stand, and as people say them.
_PARTS = {
    "": "", "东门": "东大门", "南门": "南大门", "停车场": "停车场", "1号楼": "1栋", "2号楼": "二号楼", "3号楼": "3幢",
    "快递柜": "快递柜", "充电站": "充电站",
}  # fmt: skip
_NUMERALS = "零一二三四五六七八九"


@dataclass(frozen=True)
class MadePlace:
    """A place of a town: where it is, its name, what that is for short, and which part of it, as stored and as said."""

    city: str
    county: str
    township: str
    road: str
    door: int
    name: str
    short: str
    part: str
    said_part: str

    @property
    def text(self) -> str:
        """Return the whole address, as it is stored."""
        return f"{self.city}{self.county}{self.township}{self.road}{self.door}号{self.name}{self.part}"


def made_places(divisions: Divisions, count: int, *, towns: int = 60) -> list[MadePlace]:
    """Return places of some townships: branches of one name in several roads, and several parts of one place."""
    rng = random.Random(4)
    chosen = rng.sample([place.code for place in divisions.of_level("township")], towns)
    found: dict[MadePlace, None] = {}
    while len(found) < count:
        above = divisions.ancestry(rng.choice(chosen))
        if rng.random() < 0.15:
            name, short = rng.choice(list(_OF_A_TOWN.items()))
        else:
            kind = rng.choice(list(_KINDS))
            owner = rng.choice(_OWNERS)
            name, short = owner + kind, owner + _KINDS[kind]
        road = rng.choice(_ROADS) + rng.choice(_ROAD_KINDS)
        door = rng.randint(1, 199)
        for part in ("", *rng.sample(list(_PARTS)[1:], rng.choice((0, 0, 1, 3)))):
            levels = (above[level].name for level in ("city", "county", "township"))
            found[MadePlace(*levels, road, door, name, short, part, _PARTS[part])] = None
    return list(found)[:count]


def made_texts(places: Sequence[MadePlace], count: int, *, half: str) -> list[tuple[str, str, int]]:
    """Return form, text and the row of the place meant, of places of one half: ``tune`` or ``held_out``.

    A form is used for a place only where no other place is written the same way in it: whoever reads all places finds
    one. Slips and words come after that.
    """
    rng = random.Random(f"5 {half}")
    found = []
    for name, (write, change) in _FORMS.items():
        written = [write(place) for place in places]
        times = Counter(written)
        rows = [row for row, text in enumerate(written) if times[text] == 1 and half_of(places[row].text) == half]
        rng.shuffle(rows)
        made = ((name, change(rng, places[row], written[row]), row) for row in rows)
        found += [(form, text, row) for form, text, row in made if text][: count // len(_FORMS)]
    return found


_Change = Callable[[random.Random, MadePlace, str], "str | None"]


def _as_it_is(_rng: random.Random, _place: MadePlace, text: str) -> str:
    return text


def _slip(maker: Callable[[random.Random, str], str | None]) -> _Change:
    def slip(rng: random.Random, place: MadePlace, text: str) -> str | None:
        name = maker(rng, place.short)
        return text.replace(place.short, name) if name else None

    return slip


def _sentence(rng: random.Random, _place: MadePlace, text: str) -> str:
    return rng.choice(("我在{}这里", "请问{}怎么走", "车停在{}里面了", "{}有人吵架", "送到{}就行")).format(text)


def _beside_another(rng: random.Random, place: MadePlace, text: str) -> str:
    other = rng.choice(_OWNERS) + rng.choice(list(_KINDS.values()))
    return text.replace(place.short, f"{other}对面的{place.short}", 1)


def _in_words(number: int) -> str:
    return "".join(_NUMERALS[int(digit)] for digit in str(number))


#: Form -> what of a place is written, and what is then done to it.
_FORMS: dict[str, tuple[Callable[[MadePlace], str], _Change]] = {
    "city left out": (lambda p: f"{p.county}{p.township}{p.road}{p.door}号{p.name}{p.part}", _as_it_is),
    "township left out": (lambda p: f"{p.county}{p.road}{p.name}{p.part}", _as_it_is),
    "road left out": (lambda p: f"{p.county}{p.township}{p.name}{p.part}", _as_it_is),
    "called for short": (lambda p: f"{p.township}{p.road}{p.short}{p.said_part}", _as_it_is),
    "short, no road": (lambda p: f"{parted(p.township, 'township')[0]}{p.short}{p.said_part}", _as_it_is),
    "name first": (lambda p: f"{p.name}{p.part}（{p.township}{p.road}）", _as_it_is),
    "short, road last": (lambda p: f"{p.county}{p.short}{p.said_part}{p.road}", _as_it_is),
    "door in words": (lambda p: f"{p.township}{p.road}{_in_words(p.door)}号{p.said_part}", _as_it_is),
    "door, no name": (lambda p: f"{p.county}{p.township}{p.road}{p.door}号{p.part}", _as_it_is),
    "sentence": (lambda p: f"{p.township}{p.road}的{p.short}{p.said_part}", _sentence),
    "beside another": (lambda p: f"{p.township}{p.road}{p.short}{p.said_part}", _beside_another),
    "wrong character": (lambda p: f"{p.township}{p.short}{p.said_part}", _slip(wrong_characters.any_character)),
    "homophone": (
        lambda p: f"{parted(p.township, 'township')[0]}{p.short}{p.said_part}",
        _slip(wrong_characters.homophone),
    ),
    "look-alike": (lambda p: f"{p.county}{p.road}{p.short}{p.said_part}", _slip(wrong_characters.look_alike)),
    "left out": (lambda p: f"{p.road}{p.short}{p.said_part}", _slip(wrong_characters.dropped)),
    "doubled": (lambda p: f"{p.road}{p.township}{p.short}{p.said_part}", _slip(wrong_characters.doubled)),
}
