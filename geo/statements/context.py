"""Tell what the words round a number make of it: part of a whole, a goal, a change, or a matter that is passed over."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from functools import lru_cache

#: Words of persons, cases, crimes and money: what stands with them is in no list.
_PASSED = re.compile(
    r"人员|人口|人次|人数|人力|人均|工作人|负责人|当事人|法人|[老病]人|居民(?!小区|点|区|楼|院|户数)|群众|村民(?!小组|委)|市民|网格员|网格长|楼栋?长|民警|辅警|警力"
    r"|干部|党员|志愿者|队员|队伍|职工|员工|学生|教师|师生|儿童|妇女|老年|青少年|未成年|患者|嫌疑|犯罪|罪犯|违法|违规|吸毒"
    r"|涉[毒案黑恶稳访诈]|刑释|刑满|帮教|矫正|社矫|上访|信访|诉求|投诉|纠纷|矛盾|警情|事件|事故|案件|(?<![档方预备提草图答教])案(?!例)"
    r"|盗窃|诈骗|抢劫|打架|赌博|毒品|抓获|破获|逮捕|拘留|处罚|查处|伤亡|死亡|受伤|姓名|身份证|电话|手机|车牌|车辆"
    r"|军人(?!事务|服务)|工人(?!文化)|[农民]民?工(?![业程])|务工|社工(?!站)|义工|义警|联防|保安(?!亭|室|岗)|保洁|司机|驾驶员|乘客|旅客|游客(?!中心|服务)"
    r"|业主(?!委员)|租客|租户|户主|家长|孩子|婴儿|孕妇|男性|女性|医生|护士|律师(?!事务)|法官|检察官|消防员|快递员|外卖员|骑手|[协巡调联]\w{1,2}员"
    r"|调解员|宣传员|信息员|组长|书记|主任|专员|嫌犯|在押|服务对象|信教|僧|侨胞|访客|观众"
    r"|贫困|脱贫|低保|特困|五保|留守|空巢|残疾|精神(?:障碍|病|患)|投资|资金|经费|预算|造价|费用|补[助贴]|工资|薪|财政|万元|亿元|元"
    r"|杀人|凶杀|伤害|强奸|绑架|走私|纵火|黄赌|盗|偷|骗|传销|[酒醉]驾|戒毒|服刑|罚|收入|产值|贷款|奖[金励]|捐|资产|税"
    r"|(?<![a-z])(?:children|elderly|juveniles?|women|men|killed|wounded|murders?|homicides?|robber(?:y|ies)|burglar(?:y|ies)"
    r"|assaults?|drugs?|fine[sd]|loans?|income|revenue"
    r"|drivers?|passengers?|visitors?(?! cent)|tourists?|tenants?|veterans?|soldiers?|employees?|personnel"
    r"|guards?(?! (?:posts?|rooms?))"
    r"|nurses?|doctors?|parents?|kids|boys|girls|infants?|babies|adults?|seniors|pensioners?|migrants?|couriers?|cleaners?"
    r"|inspectors?|mediators?|lawyers?|judges?|leaders?|captains?|coordinators?|secretar(?:y|ies)|householders?|neighbours?"
    r"|patrolmen|fugitives?|prisoners?|detainees?"
    r"|people|persons?|residents?|inhabitants?|citizens?|population|officers?"
    r"|police(?!-| stations?| rooms?)|staff|workers?|volunteers?|heads|members?|students?|pupils?|teachers?"
    r"|patients?|victims?|suspects?|offenders?|criminals?"
    r"|crimes?|cases?|arrests?|thefts?|frauds?|disputes?|incidents?|accidents?|complaints?|petitions?|injured|deaths?"
    r"|yuan|rmb|cny|dollars?|usd|euros?|budget|costs?|invest(?:ed|ment|ments)?|funds?|funding|money)(?![a-z])|[¥$€£]",
    re.I,
)
#: After a number, units of persons, cases and money end what is said of them.
_PASSED_UNIT = re.compile(r"\s?[万亿千百余多]{0,3}\s?(?:人(?!民)|名|位|起|件|宗|例|元|块钱|美元|岁|周岁)")
_PASSED_BEFORE = re.compile(r"[¥$€£]\s?$|(?:rmb|cny|usd)\s?$", re.I)

_CLAUSE_END = re.compile(r"[，;；。！!？?\n:：、()\[\]“”\"]|(?<![0-9]),|,(?![0-9]{3})|\.(?![0-9])|\band\b")
_SENTENCE_END = re.compile(r"[;；。！!？?\n]|\.(?![0-9])")

#: Words before a number -> what it is instead of a whole that stands. The first are looked for in the sentence so far,
#: the second in the clause so far.
_IN_SENTENCE = {
    "goal": re.compile(
        r"计划|规划|拟(?!合)|力争|目标|预计|确保|争取|要求|应当|应达|须|必须|下一步|明年|今后|即将|有望"
        r"|将(?:新|建|实现|达|完成|增|投|安|于|在|覆盖)"
        r"|\b(?:will|shall|plans?|planned|planning|targets?|aims?|goals?|should|must|is to|are to|next year"
        r"|expect(?:s|ed)?)\b",
        re.I,
    ),
    "past": re.compile(
        r"去年|上年|前年|以前|此前|过去|原(?:有|来|先)|改革前|调整前|整合前"
        r"|\b(?:last year|formerly|previously|used to|in the past)\b",
        re.I,
    ),
    "part": re.compile(
        r"部分|试点|示范|抽查|抽取|随机|个别|其余|剩余|另有|另外|某"
        r"|\b(?:some of|pilot|sampled?|the other|the rest|remaining)\b",
        re.I,
    ),
}
_IN_CLAUSE = {
    "change": re.compile(
        r"新[增建设装改扩]|增[加设补至]|扩[建容]|补[建点]|减少|压减|撤[销并]|改造|升级|更[新换]|维修|修复|提[升高]|优化|调整"
        r"|\b(?:new|added|adds?|additional|more|fewer|less|removed|upgraded|repaired|replaced|increased?|rose|reduced)\b",
        re.I,
    ),
    "ratio": re.compile(r"每|平均|均(?=[0-9])|户均|村均|\b(?:each|every|per|average|on average)\b", re.I),
    "negated": re.compile(
        r"未|没有|尚无|不足|不到|并非|缺(?:少|失)?|无(?=[0-9])"
        r"|\b(?:not|no|without|never|lacks?|lacking|missing)\b",
        re.I,
    ),
}
_PART_FOLLOWS = re.compile(r"其中|包括|包含|含(?!量)|分别|\b(?:of which|of these|of them|including|among)\b", re.I)

_MAX_COLUMNS = 200

#: A place of its own at the head of a clause: 南镇划分网格30个.
_PLACE_HEAD = re.compile(
    r"(?:^|[\s，,。.；;:：、()]|在|由|以|于|对|的)([\u4e00-\u9fff]{1,5}?(?:自治县|县|市|区|旗|镇|乡|街道|村|社区|园区|小区))(?![级两镇村民社委])"
)
_NO_PLACE = re.compile(
    r"(?:实现|达到|做到|建成|建设|建立|建有|覆盖|涉及|下辖|辖|共有|共|现有|拥有|有|设立|设有|划分|完成|打造|联通|接入)了?"
    r"(?:村村|镇镇|乡乡|县|市|区|镇|乡|村|社区|小区|园区|街道)"
    r"|.{0,2}[全我本][县市区]|全[镇乡]|[各该整]([县市区镇乡村]|个?村)|村村|县[区市]|市区|城区|辖区|社区|小区|园区|地区|片区|[0-9一二三四五六七八九十百千两]+个?|.*(?:乡镇|集镇|城镇|村镇|场镇|乡村|农村|行政村|个村|居民小区|住宅小区|产业园区|街道)"
)  # fmt: skip


class Context:
    """The clauses and sentences of a text, and the words in them that change what a number says.

    Parameters
    ----------
    text
        In plain width (``plain_width``).
    part_names
        Names of townships and villages: a sentence with one of them speaks of a part of the county.
    county_names
        Names of the county itself.
    """

    def __init__(self, text: str, part_names: Collection[str] = (), county_names: Collection[str] = ()) -> None:
        self.text = text
        self._county = frozenset(county_names)
        self._clause_ends = _ends(_CLAUSE_END, text)
        self._sentence_ends = _ends(_SENTENCE_END, text)
        self._passed = [found.span() for found in _PASSED.finditer(text)]
        self._passed_starts = [start for start, _ in self._passed]
        named = _names_pattern(tuple(sorted(part_names)))
        self._named = [found.start() for found in named.finditer(text)] if named is not None else []
        self._lines, self._blocks = _tables(text)
        self._passed_columns = self._find_passed_columns()

    def clause(self, at: int) -> tuple[int, int]:
        """Return where the clause of a position begins and ends."""
        return _between(self._clause_ends, at, len(self.text))

    def sentence(self, at: int) -> tuple[int, int]:
        """Return where the sentence of a position begins and ends."""
        return _between(self._sentence_ends, at, len(self.text))

    def is_passed_over(self, start: int, end: int, *, is_placed: bool) -> bool:
        """Return whether a number is of persons, cases, crimes or money.

        What is placed is only so where their words stand before it in its clause, unless a number of theirs ends
        between; what is not placed is so wherever they stand in its clause, or at the head of its column.
        """
        if _PASSED_UNIT.match(self.text, end) and not is_placed:
            return True
        if _PASSED_BEFORE.search(self.text[max(0, start - 6) : start]):
            return True
        begun, ended = self.clause(start)
        if " and " in self.text[start:end].lower():
            ended = self.clause(end - 1)[1]  # two hundred and five residents
        if is_placed and _PASSED.match(self.text, end + self.text.startswith(" ", end)):
            return True  # 12 grid heads
        if not is_placed:
            return self._has_passed(begun, max(ended, end)) or self._column(start) in self._passed_columns
        begun = max(begun, start - 200)
        before = self.text[begun:start]
        for unit in re.finditer(rf"[0-9]{_PASSED_UNIT.pattern}", before):
            begun = max(begun, start - len(before) + unit.end())
        return self._has_passed(begun, start)

    def _has_passed(self, begun: int, ended: int) -> bool:
        first = bisect_left(self._passed_starts, begun)
        return first < len(self._passed) and self._passed[first][1] <= ended

    def _column(self, at: int) -> tuple[int, int] | None:
        """Return the table and the column that a position lies in; None outside tables."""
        line = bisect_right(self._lines, at) - 1
        if self._blocks[line] < 0:
            return None
        return self._blocks[line], self.text.count("\t", self._lines[line], at)

    def _find_passed_columns(self) -> set[tuple[int, int]]:
        """Return the columns of tables that have a cell in words, without a number, of what is passed over."""
        out: set[tuple[int, int]] = set()
        for line, block in zip(self.text.split("\n"), self._blocks, strict=True):
            if block >= 0:
                cells = enumerate(line.split("\t")[:_MAX_COLUMNS])
                out |= {(block, k) for k, cell in cells if _PASSED.search(cell) and not re.search("[0-9]", cell)}
        return out

    def doubt(self, start: int, end: int, *, is_narrow: bool = False) -> str | None:
        """Return why a number is no whole that stands: goal, past, part, change, ratio, negated; None where it is one.

        Parameters
        ----------
        is_narrow
            Whether its own words name the part: 一类, 村级.
        """
        begun, ended = self.sentence(start)
        begun = max(begun, start - 400)
        before = self.text[begun:start]
        for name, words in _IN_SENTENCE.items():
            if words.search(before):
                return name
        head = self.clause(start)[0]
        for name, words in _IN_CLAUSE.items():
            if words.search(self.text, max(head, begun), start):
                return name
        if self._names_part(begun, min(ended, end + 200)):
            return "part"
        if not is_narrow and (_PART_FOLLOWS.search(before) or _is_within_brackets(before)):
            return "part"
        return None

    def _names_part(self, begun: int, ended: int) -> bool:
        first = bisect_left(self._named, begun)
        if first < len(self._named) and self._named[first] < ended:
            return True
        heads = (found[1] for found in _PLACE_HEAD.finditer(self.text[begun:ended]))
        return any(not _NO_PLACE.fullmatch(one) and one not in self._county for one in heads)


def _is_within_brackets(before: str) -> bool:
    """Return whether a bracket is open in which a subject of its own stands: (乡镇20个、村174个)."""
    opened = before.rfind("(")
    inside = before[opened + 1 :]
    return opened >= 0 and ")" not in inside and opened > 0 and before[opened - 1].isalnum()


def _ends(pattern: re.Pattern[str], text: str) -> list[int]:
    return [found.end() for found in pattern.finditer(text)]


def _between(ends: list[int], at: int, last: int) -> tuple[int, int]:
    after = bisect_right(ends, at)
    return (ends[after - 1] if after else 0), (ends[after] - 1 if after < len(ends) else last)


@lru_cache(maxsize=8)
def _names_pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    long = sorted((re.escape(one) for one in names if len(one) > 1), key=len, reverse=True)
    return re.compile("|".join(long)) if long else None


def _tables(text: str) -> tuple[list[int], list[int]]:
    """Return where each line begins, and which table it is a row of: lines with tabs make one, -1 is none."""
    begins, blocks, at, table, is_row = [], [], 0, -1, False
    for line in text.split("\n"):
        is_first, is_row = not is_row, "\t" in line
        table += is_row and is_first
        begins.append(at)
        blocks.append(table if is_row else -1)
        at += len(line) + 1
    return begins, blocks
