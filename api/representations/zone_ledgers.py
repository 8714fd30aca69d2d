"""Write the ledger of an own zone as JSON or a page."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.studies.zone_ledger import ZoneLedger

#: What a ledger is written as besides JSON.
LEDGER_FORMS = ("pdf", "xlsx", "csv")


def ledger_values(found: ZoneLedger) -> dict[str, Any]:
    """Return a ledger for JSON."""
    days = {
        name: None if day is None else day.isoformat()
        for name, day in (("listed", found.listed), ("struck", found.struck))
    }
    return {
        "code": found.code, "name": found.name, "kind": found.kind, **days, "rows": list(found.rows),
        "changes": dict(found.changes), "notes": list(found.notes),
    }  # fmt: skip


def ledger_pdf(found: ZoneLedger, lang: str) -> bytes:
    """Return the page of a ledger."""
    from maps.print.ledger_page import write_ledger  # noqa: PLC0415 (a table draws nothing)

    out = BytesIO()
    write_ledger(found, out, lang=lang)
    return out.getvalue()
