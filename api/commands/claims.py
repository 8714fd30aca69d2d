"""Ask a run which claims hold, which places are not seen, and for its rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options
from api.commands.run_heading import run_heading
from geo.catalog.claims import (
    CLAIM_COLUMNS,
    CLAIMS_OF_RUN,
    LEAST_SEEN,
    LEAST_SEEN_OF_CLAIM,
    PLACE_COLUMNS,
    PLACES_OF_RUN,
    RATES_OF_RUN,
)
from geo.catalog.headings import words
from geo.figure_text import percent_text, plain_figure

if TYPE_CHECKING:
    from geo.storage.protocol import Store
    from geo.types import Run

#: At most so many claims are named where one is asked for that there is not.
_NAMED = 20
#: Unit of a place, as told -> what must be seen of it where no share is asked for.
_LEAST = {word: LEAST_SEEN[one.name] for one in PLACES_OF_RUN.field("unit").values for word in (one.zh, one.en)}


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
    没有要求占比的，确定看见 1 平方米、1 米或该点就算已覆盖（规则 P2）。 / Where no share is asked for, 1 m2, 1 m or the
    point surely seen is enough (rule P2).

    \b
    gridsight claims
    gridsight claims latest --claim 主要路段全覆盖 --json
    gridsight claims --zone areas:key_area:K1
    """  # noqa: D301
    from api.representations.claim_rights import place_members
    from api.representations.frame_records import records
    from geo.studies.place_claims import claims, undefined_claims

    with console.store() as store:
        found, frame, places = claims(store, run, zone=zone)
        store_name = store.name
        head = run_heading(store, found)
    rows = records(frame)
    if name is not None:
        rows, places = _of_claim(rows, places, name)
    head = replace(head, notes=(*head.notes, *undefined_claims(found, [one["claim"] for one in rows])))
    around = {"store": store_name, "run": found.id, **head.members()}
    console.print_json({**around, "claims": rows, "places": place_members(places)})
    head.print_to(console)
    columns = {one: CLAIMS_OF_RUN.field(one).column_heading for one in CLAIM_COLUMNS}
    console.print_table([_asked(_in_words(console, CLAIMS_OF_RUN, row), console) for row in rows], columns)
    if any(row["share"] is None for row in rows):
        console.print(
            "要求占比未写的：确定看见 1 平方米、1 米或该点就算已覆盖，不是全部看见；在图层 claims 里写占比",
            "where no share is asked for, 1 m2, 1 m or the point surely seen is enough, not the whole place: give a "
            "share in layer claims",
        )
    open_places = [one for one in places if one["verdict"] != "covered"]
    open_places.sort(key=lambda one: one["claim"] is None)  # those that no claim is about last
    shown = open_places[: limit or 20]
    claimed = sum(one["claim"] is not None for one in open_places)
    console.print(
        f"没有确定覆盖的部位 {len(open_places)} 个（按声明计，其中属于声明的 {claimed} 个），列出 {len(shown)} 个",
        f"{len(open_places)} places (once for each claim, {claimed} of them of a claim) are not surely covered; "
        f"{len(shown)} listed",
    )
    columns = {one: PLACES_OF_RUN.field(one).column_heading for one in PLACE_COLUMNS}
    console.print_table([_asked(_in_words(console, PLACES_OF_RUN, row), console) for row in shown], columns)
    return 0


def _of_claim(
    rows: Sequence[dict[str, Any]], places: Sequence[dict[str, Any]], name: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows and places of one claim; raise NotFound, which names the others, where there is none."""
    from geo.errors import NotFound

    mine = [one for one in rows if one["claim"] == name]
    if not mine:
        known = [str(one["claim"]) for one in rows]
        shown = known[:_NAMED]
        zh, en = "、".join(shown), ", ".join(shown)
        more = ("", "") if len(known) <= _NAMED else (f" 等 {len(known)} 项", f" and {len(known) - _NAMED} more")
        raise NotFound(
            f"此批次没有声明 {name[:60]}，有：{zh}{more[0]}" if known else f"此批次没有声明 {name[:60]}，也没有别的",
            f"this run has no claim {name[:60]}; it has: {en}{more[1]}"
            if known
            else f"no claim {name[:60]}, nor another",
        )
    return mine, [one for one in places if one["claim"] == name]


def _asked(row: dict[str, Any], console: Console) -> dict[str, Any]:
    """Return a row for people that says what must be seen where no share is asked for."""
    if row["share"] is not None:
        return row
    least = LEAST_SEEN_OF_CLAIM if "places" in row else _LEAST.get(row["unit"], ("-", "-"))
    return {**row, "share": least[console.lang == "en"]}


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
    from geo.catalog.rate_words import columns_to_fill, is_of_road_name
    from geo.studies.names_of_codes import place_names
    from geo.studies.run_rates import rates

    with console.store() as store:
        found, frame = rates(store, run, progress=console.progress)
        names = place_names(store)
        store_name = store.name
        head = run_heading(store, found)
        rows = records(frame)
        chosen = (
            None
            if scope is None
            else _scope_of(store, found, scope, {one["scope"]: names.name(one["scope"]) for one in rows})
        )
    if chosen is not None:
        rows = [one for one in rows if one["scope"] == chosen]
    console.print_json({"store": store_name, "run": found.id, **head.members(), "rates": rows})
    head.print_to(console)
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
    to_fill = columns_to_fill(one["rate"] for one in of_scope if one["value"] is None and one["denominator"])
    if to_fill is not None:
        console.print(*to_fill)
    if len(shown) < len(of_scope):
        left = len(of_scope) - len(shown)
        console.print(
            f"另有按路名的 {left} 行，见 gridsight export rates --out 比率.xlsx",
            f"{left} more rows, one for each name of a road: gridsight export rates --out rates.xlsx",
        )
    return 0


def _scope_of(store: Store, run: Run, said: str, names: Mapping[str, str | None]) -> str:
    """Return the scope of a code or name; raise NotFound or BadValue, which list those that there are."""
    from geo.assessment.named_zones import without_shape_error
    from geo.assessment.rates import COUNTY
    from geo.errors import BadValue, NotFound
    from geo.studies.stored_runs import divisions_without_shape

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
    if bare := without_shape_error(divisions_without_shape(store, run), plain):
        raise bare
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
