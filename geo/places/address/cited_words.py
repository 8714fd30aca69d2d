"""Cite words of an address in a sentence: in part where they are many, and without what names a person.

A list of addresses has names and telephone numbers of people in its cells; they are no part of the address, and go into
no answer, which is kept and passed on.
"""

from __future__ import annotations

import re

#: Characters of an address that are cited.
MAX_CITED = 40
#: What stands for a person, and the marks that may stand around it.
HIDDEN = "… ,，;；:：、。()（）"
# Mobile and fixed telephones, and identity numbers, whose seventh to fourteenth digits are a day of birth. The code of
# a grid has 15 to 18 digits and no such day.
_NUMBER = re.compile(
    r"(?<![0-9])(?:(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}|0[0-9]{2,3}[ -]?[0-9]{7,8}"
    r"|[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9xX])(?![0-9])"
)
# Surnames that begin few words of places; 高层, 石桥, 白色 and 江边 are words, and names all the same behind a title.
_SURNAME = (
    "欧阳|司马|上官|诸葛|司徒|皇甫|[张王李赵刘陈杨吴徐孙朱胡郭何罗郑梁谢宋唐许邓韩冯曹彭曾肖蔡潘袁董魏薛阎汪贾邹熊邵]"
)
# 张湾, 王府, 李家 and 陈巷 are places.
_OF_PLACES = (
    "店厂站院场库楼门口桥山河沟湾村庄屯寨堡营路街巷边侧旁里内外家府庙寺坟坡岭梁台塬坪滩坝渠塘园区号组社队处铺馆室屋房道镇乡县市城宅"
    "头角段上下东西南北中前后湖岔洼墩井泉窑苑墓祠桩所局校厅部"
)
_PERSON = re.compile(rf"(?:{_SURNAME})[\u4e00-\u9fff]{{0,2}}(?<![{_OF_PLACES}])(?:先生|女士|小姐|老师|同志|师傅)?")
# A number that is taken out leaves the name before it at the end of the words, and that behind it at their beginning.
_WORD = re.compile(r"[\u4e00-\u9fff]+")


def shortened(words: str) -> str:
    """Return words with … for those beyond what is cited.

    Examples
    --------
    >>> shortened("桥墩"), len(shortened("桥" * 99))
    ('桥墩', 41)
    """
    return words if len(words) <= MAX_CITED else words[:MAX_CITED] + "…"


def cited(words: str) -> str:
    """Return words as a sentence cites those of a cell, which may name a person: shortened, and without persons.

    Examples
    --------
    >>> cited("民主街3号 13812345678"), cited("民主街3号")
    ('民主街3号 …', '民主街3号')
    """
    return shortened(without_persons(words))


def without_persons(words: str) -> str:
    """Return words with … for each number of a person in them, and for each word that is the name of one.

    Examples
    --------
    >>> [without_persons(words) for words in ("桥墩", "张三", "王小明 13800000000", "张湾", "李家祠堂")]
    ['桥墩', '…', '…', '张湾', '李家祠堂']
    >>> without_persons("张三 13800000000 民主街3号"), without_persons("620622100001001")
    ('… 民主街3号', '620622100001001')
    """
    said = _WORD.sub(lambda found: "…" if _is_person(found[0]) else found[0], _NUMBER.sub("…", words))
    return re.sub(r"…(?:[\s,，;；:：]*…)+", "…", said)


def _is_person(word: str) -> bool:
    return len(word) > 1 and _PERSON.fullmatch(word) is not None
