"""Compare what a report says of places with the store."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options
from geo.catalog.claims import CLAIM_VERDICT_WORDS
from geo.sentences import in_language
from geo.studies.analyze_options import day

if TYPE_CHECKING:
    from geo.statements.comparing import Item

_COLUMNS = {
    "line": ("行", "line"),
    "text": ("文中", "text"),
    "said": ("写的", "said"),
    "have": ("库中", "have"),
    "answer": ("结论", "answer"),
    "why": ("原因", "why"),
}
_ANSWERS = {"equal": ("一致", "equal"), "differs": ("不一致", "differs"), "not_checked": ("未核对", "not checked")}


@click.command("verify")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--at", help="日期 / YYYY-MM-DD")
@store_options
def verify_command(console: Console, file: Path, at: str | None) -> int:
    """核对报告（.txt、.docx，- 为标准输入）中关于地点的数字与声明。 / Check what a report says of places.

    \b
    gridsight verify 报告.docx
    gridsight verify report.txt --json
    """  # noqa: D301
    from geo.readers.documents import MAX_FILE_BYTES, document_text, plain_text
    from geo.studies.verify_text import verify

    moment = day(at)
    text = plain_text(sys.stdin.buffer.read(MAX_FILE_BYTES), "-") if str(file) == "-" else document_text(file)
    with console.store() as store:
        found = verify(store, text, at=moment)
    tally: Counter[str] = Counter(item.answer for item in found.items)
    counts = {answer: tally[answer] for answer in _ANSWERS}
    console.print_json({"file": str(file), "counts": counts, **vars(found)})
    if found.items:
        console.print_table([_row(item, found.text, console.lang) for item in found.items], _COLUMNS)
    console.print(
        "，".join(f"{_ANSWERS[name][0]} {count}" for name, count in counts.items()),
        ", ".join(f"{_ANSWERS[name][1]} {count}" for name, count in counts.items()),
    )
    return 1 if counts["differs"] else 0


def _row(item: Item, text: str, lang: str) -> dict[str, Any]:
    from geo.statements.comparing import REASONS

    is_english = lang == "en"
    return {
        "line": text.count("\n", 0, item.start) + 1,
        "text": " ".join(item.text.split()),
        "said": _value(item, item.said, is_english=is_english),
        "have": _have(item, is_english=is_english),
        "answer": _ANSWERS[item.answer][is_english],
        "why": in_language(REASONS[item.reason], lang) if item.reason else "",
    }


def _have(item: Item, *, is_english: bool) -> str:
    low = _value(item, item.have, is_english=is_english)
    if item.have == item.possible:
        return low
    return f"{low}–{_value(item, item.possible, is_english=is_english) if item.possible is not None else '?'}"


def _value(item: Item, value: float | str | None, *, is_english: bool) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return CLAIM_VERDICT_WORDS[value][is_english]
    if item.pattern not in ("rates", "every"):
        return f"{value:.15g}"
    percent = f"{value * 100:.4g}"
    return ">99.99%" if percent == "100" and value < 1 else f"{percent}%"


COMMANDS = {"verify": verify_command}
