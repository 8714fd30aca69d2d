"""Ask stored runs: list them, their gaps, an outage, a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from api.commands.console import Console, store_options, time_in_zone
from api.commands.run_heading import run_heading
from api.language import Language
from geo.catalog.editions import LEVEL_NAMES
from geo.catalog.headings import TABLE_LANGUAGES, title, words
from geo.catalog.results import GAPS, HEADLINE_FIGURES, RUN_FIGURES, ZONE_TABLE
from geo.figure_text import percent_figure
from geo.sentences import both

_FIGURE_COLUMNS = {name: ZONE_TABLE.field(name).column_heading for name in ("code", "name", *HEADLINE_FIGURES)}
_GAP_COLUMNS = {one.name: one.column_heading for one in GAPS.fields}


@click.command("runs")
@store_options
def runs_command(console: Console) -> int:
    """列出分析批次，新的在前。 / List the runs, newest first.

    \b
    gridsight runs
    """  # noqa: D301
    from api.representations.runs import run_description, run_list
    from geo.studies.stored_runs import data_day

    with console.store() as store:
        with store.snapshot():
            listed, shown = store.runs(), store.published()
            days = [data_day(store, run).isoformat() for run in listed]
            zone = store.time_zone()
        found = [{**run_description(run, whole=False), "data_date": day} for run, day in zip(listed, days, strict=True)]
        console.print_json({"store": store.name, **run_list(found, shown)})
    rows = [
        {**run, **(run["totals"] or {}), "level": _level(run["options"].get("level"), console.lang)}
        | {"created": time_in_zone(run["created"], zone)}
        for run in found
    ]
    columns = {"id": ("批次", "run"), "created": ("时间", "created"), "data_date": ("数据日期", "data of"),
               "level": ("级别", "level")}  # fmt: skip
    console.print_table(rows, {**columns, **{name: _FIGURE_COLUMNS[name] for name in RUN_FIGURES}})
    if shown.id is not None:
        state = ("已发布", "published") if shown.is_published else ("未发布，默认显示", "none is published; shown")
        console.print(f"{state[0]}：{shown.id}", f"{state[1]}: {shown.id}")
    if shown.deleted:
        console.print_note(
            f"注意：最近发布的批次 {shown.deleted} 已被删除",
            f"note: the run published last, {shown.deleted}, was deleted",
        )
    return 0


@click.command("publish")
@click.argument("run")
@store_options
def publish_command(console: Console, run: str) -> int:
    """发布一个批次：网页、地图、图纸与 latest 从此用它。 / Publish a run: page, maps, prints and `latest` follow it.

    RUN 是批次编号，或 latest。 / RUN is the id of a run, or `latest`.

    \b
    gridsight publish latest
    gridsight publish 0199a5c0-0000-7000-8000-000000000000
    """  # noqa: D301
    from api.representations.runs import publication
    from geo.storage.records import AuditEntry

    with console.store() as store:
        with store.transaction():
            found = store.publish(run)
            store.record(AuditEntry("publish-run", run=found))
        console.print_json({"store": store.name, "run": found, **publication(store.published())})
    console.print(f"已发布 {found}", f"published {found}")
    return 0


@click.command("gaps")
@click.argument("run", default="latest")
@click.option(
    "--zone", help="只看一个区域或县，写代码、名称或 图层:代码 / one zone or the county, by code, name or layer:code"
)
@click.option("--limit", type=click.IntRange(1), help="最多几处 / at most so many (default: 20 lines, all in JSON)")
@store_options
def gaps_command(console: Console, run: str, zone: str | None, limit: int | None) -> int:
    """按排名列出盲区、成因与位置。 / List the gaps by rank, with cause and place.

    \b
    gridsight gaps
    gridsight gaps latest --zone 620622102 --json
    gridsight gaps --zone 古浪镇
    """  # noqa: D301
    from geo.studies.stored_runs import gap_rows

    with console.store() as store:
        found, gaps = gap_rows(store, run, zone=zone)
        name = store.name
        head = run_heading(store, found)
    rows = gaps if limit is None else gaps[:limit]
    console.print_json({"store": name, "run": found.id, **head.members(), "count": len(gaps), "gaps": rows})
    head.print_to(console)
    shown = rows if limit is not None else rows[:20]
    columns = _GAP_COLUMNS
    if zone is not None:
        columns = {"zone_rank": ("区内排名", "in zone"), **columns, "rank": ("批次排名", "in run")}
    console.print_table([_in_words(row, console.lang) for row in shown], columns)
    console.print(f"共 {len(gaps)} 处", f"{len(gaps)} gaps")
    return 0


def _level(name: str | None, lang: Language) -> str | None:
    found = LEVEL_NAMES.get(name or "")
    return name if found is None else found[lang == "en"]


def _in_words(row: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    """Return a gap for people: words for causes, degrees with six decimals, shares in percent."""
    from geo.figure_text import percent_text

    known = words(GAPS.field("cause"), lang)
    causes, possible = row.get("causes") or {}, row.get("possible_share")
    return {
        **row,
        "cause": known.get(row.get("cause") or "", row.get("cause")),
        "lon": f"{row['lon']:.6f}",
        "lat": f"{row['lat']:.6f}",
        "causes": "; ".join(f"{known.get(one, one)} {percent_figure(share, 0)}%" for one, share in causes.items())
        or None,
        "possible_share": None if possible is None else percent_text(possible),
    }


@click.command("outage")
@click.argument("sites", nargs=-1, required=True)
@click.option("--run", default="latest", show_default=True, help="批次 / the run")
@click.option("--layer", default="grids", show_default=True, help="区域图层 / zone layer")
@store_options
def outage_command(console: Console, sites: tuple[str, ...], run: str, layer: str) -> int:
    """若这些点位（全部摄像机）或单台摄像机停用，各区域的指标。 / Zone figures without these sites or single cameras.

    \b
    gridsight outage 990001-0012 990001-0013 --layer townships
    """  # noqa: D301
    from api.representations.frame_records import records
    from geo.studies.outages import LEAST_LOSS, outage

    with console.store() as store:
        found = outage(store, sites, run, layer=layer)
        name = store.name
    rows, totals = records(found.frames[layer]), records(found.frames["all"])[0]
    around = {"store": name, "run": found.run.id, "sites": list(sites), "layer": layer}
    console.print_json({**around, "lost": dict(found.lost), "text": found.text, "totals": totals, "zones": rows})
    old = records(found.run.layers[layer])
    lost = [
        {**row, "lost": was["sure_share"] - row["sure_share"]}
        for row, was in zip(rows, old, strict=True)
        if row.get("sure_share") is not None and was["sure_share"] - row["sure_share"] > LEAST_LOSS
    ]
    lost.sort(key=lambda row: -row["lost"])
    console.print_table(lost[:20], {**_FIGURE_COLUMNS, "lost": ("减少", "lost")})
    console.print(*both(found.text))
    return 0


@click.command("compare")
@click.argument("run_a", metavar="RUN")
@click.argument("run_b", metavar="RUN")
@store_options
def compare_command(console: Console, run_a: str, run_b: str) -> int:
    """每个区域 B 减 A，以及各自独有的盲区。 / Per zone every figure of B minus A, and the gaps only one has.

    \b
    gridsight compare 0199a5c0-0000-7000-8000-000000000000 latest
    """  # noqa: D301
    from api.representations.frame_records import records
    from api.representations.runs import comparison
    from geo.studies.compare_runs import compare

    with console.store() as store:
        found = compare(store, run_a, run_b)
        name = store.name
    console.print_json({"store": name, **comparison(found)})
    if found.caution:
        console.print_note(*both(found.caution))
    for layer, frame in found.zones.items():
        rows = [row for row in records(frame) if row.get("sure_m2") or row.get("gap_m2")]
        zh, en = (title(layer, lang, of_run=True) for lang in TABLE_LANGUAGES[:2])
        console.print(f"{zh}：{len(rows)} 个区域有变化", f"{en}: {len(rows)} zones differ")
        console.print_table(rows[:20], {name: pair for name, pair in _FIGURE_COLUMNS.items() if name in frame.columns})
    console.print(
        f"只在 A 的盲区 {len(found.gaps_only_a)} 处，只在 B 的 {len(found.gaps_only_b)} 处",
        f"{len(found.gaps_only_a)} gaps only in A, {len(found.gaps_only_b)} only in B",
    )
    return 0


COMMANDS = {
    "runs": runs_command,
    "publish": publish_command,
    "gaps": gaps_command,
    "outage": outage_command,
    "compare": compare_command,
}
