"""Ask a run which claims hold, which places are not seen, and for its rates."""

from __future__ import annotations

from typing import Any

import click

from api.commands.console import Console, store_options
from geo.catalog.claims import CLAIM_COLUMNS, CLAIMS_OF_RUN, PLACE_COLUMNS, PLACES_OF_RUN, RATES_OF_RUN
from geo.catalog.headings import words
from geo.sentences import both


@click.command("claims")
@click.argument("run", default="latest")
@click.option("--claim", "name", help="只看一项声明 / one claim only")
@click.option(
    "--zone", help="只看一个区域里的部位，写代码、名称或 图层:代码 / places of one zone: code, name or layer:code"
)
@click.option("--limit", type=click.IntRange(1), help="最多几个部位 / at most so many places (default: 20 lines)")
@store_options
def claims_command(console: Console, run: str, name: str | None, zone: str | None, limit: int | None) -> int:
    """哪些覆盖声明成立；没有看到的部位。 / Which claims hold, and the places that are not seen.

    “有点位”只说附近有在线点位（上报的数法），“已覆盖”说确定看得见：两个数并列。
    "With a site" is how reports count, "covered" is what is surely seen: both stand side by side.

    \b
    gridsight claims
    gridsight claims latest --claim 主要路段全覆盖 --json
    gridsight claims --zone areas:key_area:K1
    """  # noqa: D301
    from api.representations.claim_rights import place_members
    from api.representations.frame_records import records
    from geo.errors import NotFound
    from geo.studies.place_claims import claims, undefined_claims

    with console.store() as store:
        found, frame, places = claims(store, run, zone=zone)
        store_name = store.name
    rows = records(frame)
    if name is not None:
        rows, places = [one for one in rows if one["claim"] == name], [one for one in places if one["claim"] == name]
        if not rows:
            raise NotFound(f"此批次没有声明 {name[:60]}", f"this run has no claim {name[:60]}")
    notes = undefined_claims(found, [one["claim"] for one in rows])
    told = {"claims": rows, "places": place_members(places), "notes": notes}
    console.print_json({"store": store_name, "run": found.id, **told})
    for note in notes:
        console.print_note(*both(note))
    columns = {one: CLAIMS_OF_RUN.field(one).column_heading for one in CLAIM_COLUMNS}
    console.print_table([_in_words(console, CLAIMS_OF_RUN, row) for row in rows], columns)
    open_places = [one for one in places if one["verdict"] != "covered"]
    shown = open_places[: limit or 20]
    console.print(
        f"没有确定覆盖的部位 {len(open_places)} 个（按声明计），列出 {len(shown)} 个",
        f"{len(open_places)} places (once for each claim) are not surely covered; {len(shown)} listed",
    )
    columns = {one: PLACES_OF_RUN.field(one).column_heading for one in PLACE_COLUMNS}
    console.print_table([_in_words(console, PLACES_OF_RUN, row) for row in shown], columns)
    return 0


def _in_words(console: Console, table: Any, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row for people: words for values."""
    fields = {one.name: one for one in table.fields}
    known = {name: words(field, console.lang) for name, field in fields.items() if name in row}
    return {name: known.get(name, {}).get(str(value), value) for name, value in row.items()}


@click.command("rates")
@click.argument("run", default="latest")
@click.option("--scope", help="只看 county 或一个乡镇代码 / county, or the code of a township (default: county)")
@store_options
def rates_command(console: Console, run: str, scope: str | None) -> int:
    """各乡镇与全县的比率，分子分母并列；摄像机按路（行）计。 / Rates with their two numbers; cameras count streams.

    \b
    gridsight rates
    gridsight rates latest --scope 620622102
    gridsight rates --json
    """  # noqa: D301
    from api.representations.frame_records import records
    from geo.assessment.rates import COUNTY
    from geo.errors import NotFound
    from geo.studies.run_rates import rates

    with console.store() as store:
        found, frame = rates(store, run, progress=console.progress)
        name = store.name
    rows = records(frame)
    if scope is not None:
        rows = [one for one in rows if one["scope"] == scope]
        if not rows:
            raise NotFound(f"没有范围 {scope[:60]} 的比率", f"there are no rates of {scope[:60]}")
    console.print_json({"store": name, "run": found.id, "rates": rows})
    shown = [one for one in rows if scope is not None or one["scope"] == COUNTY]
    columns = {one.name: one.column_heading for one in RATES_OF_RUN.fields}
    console.print_table([_in_words(console, RATES_OF_RUN, _rounded(row)) for row in shown], columns)
    return 0


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Return a rate for people: whole counts, lengths in whole metres, four decimals of the value."""
    told = {name: round(row[name]) for name in ("numerator", "denominator")}
    return {**row, **told, "value": None if row["value"] is None else f"{row['value']:.4f}"}


COMMANDS = {"claims": claims_command, "rates": rates_command}
