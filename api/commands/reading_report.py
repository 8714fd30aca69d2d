"""Print what became of a file that was read: its columns, how it was read, findings, rejected rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from geo.catalog.fields import POSITION
from geo.catalog.layers import LAYERS
from geo.errors import RowFault
from geo.sentences import both
from geo.types import SheetRows

#: A printer of the Chinese or the English line: `Console.print` or `Console.print_note`.
Say = Callable[[str, str], None]

#: Findings and reasons named at the terminal; all are in the files.
_MAX_FINDINGS = 4
#: A preview is there for its findings, and writes them to no file that it was not told to.
_MAX_IN_PREVIEW = 20
#: Sentences on how the file was read that are printed; all are in --json.
_MAX_ASSUMED = 6
#: Sheets that are named; all are in --json.
_MAX_SHEETS = 30
#: Columns named in findings that are no field of a layer.
_OTHER_FIELDS = {
    "geometry": ("图形", "Geometry"),
    "crs": ("坐标系", "Coordinate system"),
    "levels": ("层数", "Storeys"),
}


def print_columns(say: Say, mapping: Mapping[str, str] | None, unused: Sequence[str], dropped: Sequence[str]) -> None:
    """Print in one line which column became which field, where that is known, and which ones were not read."""
    zh, en = [], []
    if mapping is not None:
        listed = [f"{field} <- {name}" for field, name in mapping.items()]
        zh.append(f"读了 {len(mapping)} 列：{'，'.join(listed)}" if listed else "一列也没有读出")
        en.append(f"{_counted(len(mapping), 'column')} read: {', '.join(listed)}" if listed else "no column read")
    if unused:
        names = ", ".join(unused)
        zh.append(f"没有用到 {len(unused)} 列：{names}")
        en.append(f"{len(unused)} not used: {names}")
    if dropped:
        names = ", ".join(dropped)
        zh.append(f"个人或网络信息列不读：{names}")
        en.append(f"personal or network data, never read: {names}")
    if zh:
        say("  " + "；".join(zh), "  " + "; ".join(en))


def print_sheets(say: Say, sheets: Sequence[SheetRows]) -> None:
    """Print in one line how many rows of each sheet were kept, zero for those not read; nothing of a single sheet."""
    if len(sheets) < 2:
        return
    zh = [f"{one.name} {one.rows} 行收下 {one.imported} 行" for one in sheets[:_MAX_SHEETS]]
    en = [f"{one.imported} of {_counted(one.rows, 'row')} of {one.name} kept" for one in sheets[:_MAX_SHEETS]]
    if len(sheets) > _MAX_SHEETS:
        more = len(sheets) - _MAX_SHEETS
        zh.append(f"另有 {more} 张（--json）")
        en.append(f"{more} more (--json)")
    say("  工作表：" + "；".join(zh), "  sheets: " + "; ".join(en))


def print_assumed(say: Say, assumed: Mapping[str, int]) -> None:
    """Print in one line how the file was read: sentences on the file as a whole first, then those of most rows."""
    pairs = sorted(((both(text), in_brackets(count), count) for text, count in assumed.items()), key=_has_rows)
    if not pairs:
        return
    zh = [one[0] + rows[0] for one, rows, _ in pairs[:_MAX_ASSUMED]]
    en = [one[1] + rows[1] for one, rows, _ in pairs[:_MAX_ASSUMED]]
    if len(pairs) > _MAX_ASSUMED:
        more = len(pairs) - _MAX_ASSUMED
        zh.append(f"另有 {more} 条（--json）")
        en.append(f"{more} more (--json)")
    say("  读法：" + "；".join(zh), "  read as: " + "; ".join(en))


def print_findings(
    say: Say,
    layer: str,
    findings: Iterable[Mapping[str, Any]],
    file: str | None = None,
    *,
    is_dry_run: bool = False,
) -> None:
    """Print the most frequent findings, as answers in JSON have them, in one line, and where all of them are."""
    found, most = list(findings), _MAX_IN_PREVIEW if is_dry_run else _MAX_FINDINGS
    if not found:
        return
    zh, en = [], []
    for one in found[:most]:
        field, reason, value = field_heading(layer, one["field"]), both(one["reason"]), one["value"]
        # A cell that is empty is found by its row only.
        rows = in_brackets(one["count"]) if value or not one.get("rows") else _rows_named(one["rows"], one["count"])
        head_zh = field[0] + (f"「{value}」" if value else "")
        head_en = f"{field[1]} “{value}”".strip() if value else field[1]
        zh.append(f"{head_zh}：{reason[0]}{rows[0]}" if head_zh else reason[0] + rows[0])
        en.append(f"{head_en}: {reason[1]}{rows[1]}" if head_en else reason[1] + rows[1])
    if len(found) > most:
        more = len(found) - most
        zh.append(f"另有 {more} 种")
        en.append(f"{_counted(more, 'kind')} more")
    where_zh, where_en = _where(file, "--findings", is_dry_run=is_dry_run)
    say(f"  要看的：{'；'.join(zh)}{where_zh}", f"  to look at: {'; '.join(en)}{where_en}")


def print_rejects(say: Say, layer: str, rejects: Iterable[RowFault], file: str | None, *, is_dry_run: bool) -> None:
    """Print in one line why rows were rejected, the most frequent reason first, and where each is listed."""
    rows: dict[tuple[str, str], list[str]] = {}
    for one in rejects:
        rows.setdefault((one.field, one.reason), []).append(one.row)
    if not rows:
        return
    zh, en = [], []
    for (name, reason), numbers in sorted(rows.items(), key=lambda pair: -len(pair[1]))[:_MAX_FINDINGS]:
        field, why = field_heading(layer, name), both(reason)
        named = _rows_named(numbers, len(numbers))
        zh.append(f"{field[0]} {why[0]}".strip() + named[0])
        en.append(f"{field[1]} {why[1]}".strip() + named[1])
    if len(rows) > _MAX_FINDINGS:
        more = len(rows) - _MAX_FINDINGS
        zh.append(f"另有 {more} 种")
        en.append(f"{_counted(more, 'kind')} more")
    head = ("会被拒的行", "rows that would be rejected") if is_dry_run else ("被拒的行", "rejected rows")
    where_zh, where_en = _where(file, "--rejects", is_dry_run=is_dry_run)
    say(f"  {head[0]}：{'；'.join(zh)}{where_zh}", f"  {head[1]}: {'; '.join(en)}{where_en}")


def field_heading(layer: str, name: str) -> tuple[str, str]:
    """Return the Chinese and English heading of a field of a layer; of any other column its own name.

    Examples
    --------
    >>> field_heading("cameras", "height"), field_heading("cameras", "surveillance:type")[0]
    (('安装高度', 'Mounting height'), 'surveillance:type')
    """
    fields = {one.name: one for one in (*LAYERS[layer].all_fields, *POSITION)}
    if name in fields:
        return fields[name].zh, fields[name].en
    return _OTHER_FIELDS.get(name, (name, name))


def _where(file: str | None, option: str, *, is_dry_run: bool) -> tuple[str, str]:
    """Return where all rows are listed, or the option that lists those of a preview."""
    if file:
        return f"（逐行见 {file}）", f" (row by row: {file})"
    return (f"（逐行写出：{option} 文件）", f" (row by row: {option} FILE)") if is_dry_run else ("", "")


def in_brackets(count: int) -> tuple[str, str]:
    """Return a number of rows as it stands after a sentence; nothing where the sentence is on the file as a whole.

    Examples
    --------
    >>> in_brackets(2), in_brackets(1)[1], in_brackets(0)
    (('（2 行）', ' (2 rows)'), ' (1 row)', ('', ''))
    """
    return (f"（{count} 行）", f" ({_counted(count, 'row')})") if count else ("", "")


def _has_rows(pair: tuple[tuple[str, str], tuple[str, str], int]) -> bool:
    return pair[2] > 0


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _rows_named(numbers: Sequence[str], count: int) -> tuple[str, str]:
    """Return the first three rows as they stand after a sentence, and how many there are where these are not all."""
    listed, rows = ", ".join(numbers[:3]), "row" if count == 1 else "rows"
    more = ("", "") if count <= 3 else (f"…（共 {count} 行）", f", ... ({count} rows)")
    return f"：第 {listed} 行{more[0]}", f": {rows} {listed}{more[1]}"
