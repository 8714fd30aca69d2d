"""Placeholder until the merge: cost of wrong characters by sound."""

from functools import lru_cache

from pypinyin import Style, pinyin


@lru_cache(20000)
def _r(c):
    return frozenset(
        x.replace("zh", "z").replace("ch", "c").replace("sh", "s")
        for x in pinyin(c, style=Style.NORMAL, heteronym=True)[0]
    )


def character_cost(a, b):
    if a == b:
        return 0.0
    return 0.15 if _r(a) & _r(b) else 1.0


def syllables(text):
    return tuple(_r(c) for c in text)


def name_cost(a, b):
    n, m = len(a), len(b)
    row = list(range(m + 1))
    for i in range(1, n + 1):
        prev, row[0] = row[0], i
        for j in range(1, m + 1):
            cur = min(row[j] + 1, row[j - 1] + 1, prev + character_cost(a[i - 1], b[j - 1]))
            prev, row[j] = row[j], cur
    return float(row[m])
