"""Ask a run which claims hold, which places are not seen, and for its rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from api.commands.console import Console, store_options
from geo.catalog.claims import CLAIM_COLUMNS, CLAIMS_OF_RUN, PLACE_COLUMNS, PLACES_OF_RUN, RATES_OF_RUN
from geo.catalog.headings import words
from geo.figure_text import percent_text, plain_figure


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
    from geo.studies.place_claims import claims

    with console.store() as store:
        found, frame, places = claims(store, run, zone=zone)
        store_name = store.name
    rows = records(frame)
    if name is not None:
        rows, places = [one for one in rows if one["claim"] == name], [one for one in places if one["claim"] == name]
        if not rows:
            raise NotFound(f"此批次没有声明 {name[:60]}", f"this run has no claim {name[:60]}")
    console.print_json({"store": store_name, "run": found.id, "claims": rows, "places": place_members(places)})
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
@click.option(
    "--scope", help="只看 county 或一个乡镇的代码、名称 / county, or the code or name of a township (default: county)"
)
@store_options
def rates_command(console: Console, run: str, scope: str | None) -> int:
    """各乡镇与全县的比率，分子分母并列；摄像机按路（行）计。 / Rates with their two numbers; cameras count streams.

    \b
    gridsight rates
    gridsight rates latest --scope 杏沟镇
    gridsight rates --json
    """  # noqa: D301
    from api.representations.frame_records import records
    from geo.assessment.rates import COUNTY
    from geo.catalog.rate_words import is_of_road_name
    from geo.studies.names_of_codes import place_names
    from geo.studies.run_rates import rates

    with console.store() as store:
        found, frame = rates(store, run, progress=console.progress)
        names = place_names(store)
        store_name = store.name
    rows = records(frame)
    chosen = None if scope is None else _scope_of(scope, {one["scope"]: names.name(one["scope"]) for one in rows})
    if chosen is not None:
        rows = [one for one in rows if one["scope"] == chosen]
    console.print_json({"store": store_name, "run": found.id, "rates": rows})
    of_scope = [one for one in rows if one["scope"] == (chosen or COUNTY)]
    shown = [one for one in of_scope if not is_of_road_name(one["rate"], one["key"])]
    columns = {one.name: one.column_heading for one in RATES_OF_RUN.fields}
    table = []
    for row in shown:
        told = _in_words(console, RATES_OF_RUN, row) | _rate_words(row, console.lang)
        if row["scope"] != COUNTY:
            told["scope"] = " ".join(one for one in (names.name(row["scope"]), row["scope"]) if one)
        table.append(told)
    console.print_table(table, columns)
    if len(shown) < len(of_scope):
        left = len(of_scope) - len(shown)
        console.print(
            f"另有按路名的 {left} 行，见 gridsight export rates --out 比率.xlsx",
            f"{left} more rows, one for each name of a road: gridsight export rates --out rates.xlsx",
        )
    return 0


def _scope_of(said: str, names: Mapping[str, str | None]) -> str:
    """Return the scope of a code or name; raise NotFound or BadValue, which list those that there are."""
    from geo.assessment.rates import COUNTY
    from geo.errors import BadValue, NotFound

    plain = said.strip()
    if plain in names:
        return plain
    if plain in ("全县", "县"):
        return COUNTY
    found = [code for code, name in names.items() if name == plain]
    if len(found) == 1:
        return found[0]
    if found:
        codes = ", ".join(found)
        raise BadValue(f"有几个 {plain[:60]}，请写代码：{codes}", f"several are named {plain[:60]}; by code: {codes}")
    there = [f"{name} {code}" if name else code for code, name in names.items()]
    zh, en = ("、".join(there[:30]), ", ".join(there[:30]))
    more_zh, more_en = (f" 等 {len(there)} 个", f" and {len(there) - 30} more") if len(there) > 30 else ("", "")
    raise NotFound(
        f"没有范围 {plain[:60]} 的比率，有：{zh}{more_zh}", f"there are no rates of {plain[:60]}, only of {en}{more_en}"
    )


def _rate_words(row: dict[str, Any], lang: str) -> dict[str, Any]:
    """Return what people read of a rate: whole counts, lengths in whole metres, a percentage or a number of things."""
    from geo.catalog.rate_words import NOT_FILLED_IN, PER_ITEM_RATES, rate_key_word

    value = row["value"]
    if value is None:
        said = NOT_FILLED_IN[lang == "en"] if row["denominator"] else None
    else:
        said = plain_figure(value, 2) if row["rate"] in PER_ITEM_RATES else percent_text(value)
    told = {name: round(row[name]) for name in ("numerator", "denominator")}
    return {**told, "value": said, "key": rate_key_word(row["rate"], row["key"], lang)}


COMMANDS = {"claims": claims_command, "rates": rates_command}
