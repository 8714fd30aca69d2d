"""Write rates as people read them: a row for each township, and a list with words for classes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from api.representations.tables import TableOptions
from api.representations.workbook_files import SheetOfTable, tables_workbook
from geo.assessment.rates import COUNTY
from geo.catalog.claims import RATES, RATES_OF_RUN
from geo.catalog.headings import heading, words
from geo.catalog.rate_words import NOT_FILLED_IN, PER_ITEM_RATES, rate_key_word

_LIST = ("比率明细", "List of rates")
_TOWNSHIPS = ("乡镇比率", "Rates of townships")
_BOTH_NUMBERS = ("分子/分母", "numerator/denominator")
_SCOPE_NAME = ("范围名称", "Scope name")


def rate_list(frame: pd.DataFrame, options: TableOptions) -> pd.DataFrame:
    """Return the rates one below another under headings, with words for classes and names of townships."""
    en = options.lang == "en"
    of_rates = words(RATES_OF_RUN.field("rate"), options.lang)
    columns: dict[str, object] = {}
    for field in RATES_OF_RUN.fields:
        cells = frame[field.name].tolist()
        if field.name == "rate":
            cells = [of_rates.get(one, one) for one in cells]
        elif field.name == "key":
            cells = [rate_key_word(*one, options.lang) for one in zip(frame["rate"], _plain(frame["key"]), strict=True)]
        elif field.name == "value":
            cells = [_value(row, en) for row in frame.to_dict("records")]
        elif field.name == "scope":
            cells = [_code(one, en) for one in cells]
        else:
            cells = frame[field.name].tolist()
        columns[heading(field, options.lang)] = pd.Series(cells, dtype=object, index=frame.index)
        if field.name == "scope" and options.names is not None:
            named = [_name(str(one), options, en) for one in frame["scope"]]
            columns[_SCOPE_NAME[en]] = pd.Series(named, dtype=object, index=frame.index)
    return pd.DataFrame(columns, index=frame.index)


def township_table(frame: pd.DataFrame, options: TableOptions) -> SheetOfTable:
    """Return a row for the county and each township, with the share and both numbers of every rate of all together."""
    en = options.lang == "en"
    whole = frame[frame["key"].isna()]
    scopes = [one for one in dict.fromkeys(whole["scope"]) if one != COUNTY]
    scopes = [COUNTY, *scopes] if len(whole) else []
    rows = {(row["rate"], row["scope"]): row for row in whole.to_dict("records")}
    of_rates = words(RATES_OF_RUN.field("rate"), options.lang)
    columns: dict[str, list[object]] = {heading(RATES_OF_RUN.field("scope"), options.lang): []}
    columns = {one: [_code(scope, en) for scope in scopes] for one in columns}
    if options.names is not None:
        columns[_SCOPE_NAME[en]] = [_name(scope, options, en) for scope in scopes]
    shares = []
    for rate in (one for one in RATES if one in set(whole["rate"])):
        title = str(of_rates[rate])
        found = [rows.get((rate, scope)) for scope in scopes]
        columns[title] = [None if one is None else _value(one, en) for one in found]
        # A text, so that no program reads 3/4 as a day.
        columns[f"{title} {_BOTH_NUMBERS[en]}"] = [
            None if one is None else f"{round(one['numerator'])}/{round(one['denominator'])}" for one in found
        ]
        if rate not in PER_ITEM_RATES:
            shares.append(title)
    table = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    return SheetOfTable(_TOWNSHIPS[en], table, tuple(shares))


def rate_workbook(frame: pd.DataFrame, options: TableOptions) -> bytes:
    """Return a workbook of two sheets: a row for each township, and the list of all rates."""
    listed = SheetOfTable(_LIST[options.lang == "en"], rate_list(frame, options))
    return tables_workbook([township_table(frame, options), listed])


def _value(row: dict[str, object], en: bool) -> object:
    """Return the value as far as it is known; a word where nobody gave what it asks for, nothing where none counts."""
    value, of = float(row["value"]), float(row["denominator"])  # type: ignore[arg-type]
    if math.isnan(value):
        return NOT_FILLED_IN[en] if of > 0 else None
    return round(value, 4)


def _code(scope: str, en: bool) -> str:
    return words(RATES_OF_RUN.field("scope"), "en" if en else "zh").get(scope, scope)


def _name(scope: str, options: TableOptions, en: bool) -> str | None:
    if scope == COUNTY:
        return _code(scope, en)
    return None if options.names is None else options.names.name(scope)


def _plain(keys: pd.Series) -> Sequence[str | None]:
    return [None if pd.isna(one) else str(one) for one in keys]
