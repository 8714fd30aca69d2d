"""Read the ISO dates of a map's metadata."""

from __future__ import annotations

from datetime import UTC, date, datetime


def moment_of(text: str) -> datetime | None:
    """Return an ISO date or time as UTC, None where the text is neither."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def made_of(text: str) -> date | None:
    """Return when a map was made: a moment in UTC, or a day alone, which is one where the map is of and not in UTC.

    Examples
    --------
    >>> made_of("2026-11-30"), made_of("2026-11-30T07:00:00+08:00"), made_of("")
    (datetime.date(2026, 11, 30), datetime.datetime(2026, 11, 29, 23, 0, tzinfo=datetime.timezone.utc), None)
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        return moment_of(text)


def day_text(text: str) -> str:
    """Return the day of an ISO date or time where it was told, any other text as it is."""
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return text
