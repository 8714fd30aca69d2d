"""Check the layers of a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from api.commands.console import Console, store_options
from api.language import Language
from geo.catalog.headings import title
from geo.sentences import in_language

if TYPE_CHECKING:
    from geo.types import Finding

_SEVERITIES = {"error": "错误", "warning": "警告"}
_COLUMNS = {
    "rank": ("序", "rank"),
    "severity": ("轻重", "severity"),
    "code": ("代码", "code"),
    "layer": ("图层", "layer"),
    "count": ("处", "count"),
    "keys": ("编号", "keys"),
    "text": ("说明", "finding"),
}


@click.command("check", short_help="检查数据 / check the layers")
@click.argument("layers", nargs=-1)
@store_options
def check_command(console: Console, layers: tuple[str, ...]) -> int:
    """检查：墙里的摄像机、网格重叠与缝隙、编码、坐标偏移。 / Check topology, codes, cameras in walls, CRS mistakes.

    \b
    gridsight check
    gridsight check cameras grids --json
    """  # noqa: D301
    from geo.studies.check_layers import check

    with console.store() as store:
        found = check(store, layers, progress=console.progress)
        name = store.name
    errors = sum(one.severity == "error" for one in found)
    warnings = len(found) - errors
    console.print_json({"store": name, "errors": errors, "warnings": warnings, "findings": found})
    if found:
        console.print_table(list(_kinds(found, console.lang)), _COLUMNS)
    console.print(f"{errors} 个错误，{warnings} 个警告", f"{errors} errors, {warnings} warnings")
    return 1 if found else 0


def _kinds(found: Sequence[Finding], lang: Language) -> Iterator[dict[str, object]]:
    """Yield one line per kind of finding, in order: how many, the rows concerned, and the first of them in words."""
    kinds: dict[tuple[str, str, str], list[Finding]] = {}
    for one in found:
        kinds.setdefault((one.severity, one.code, one.layer), []).append(one)
    for place, group in enumerate(kinds.values(), 1):  # ranks in JSON are of single findings
        first = group[0]
        text = in_language(first.text, lang)
        if len(group) > 1:
            text = f"例如：{text}" if lang == "zh" else f"such as: {text}"
        keys = [key for one in group for key in one.keys]
        shown = {"layer": title(first.layer, lang, of_run=False)}
        if lang == "zh":
            shown["severity"] = _SEVERITIES[first.severity]
        yield {**vars(first), **shown, "rank": place, "count": len(group), "keys": _few(keys), "text": text}


def _few(keys: Iterable[object]) -> str:
    listed = [str(key) for key in keys]
    return ", ".join(listed[:3]) + (f" +{len(listed) - 3}" if len(listed) > 3 else "")


COMMANDS = {"check": check_command}
