"""Read the ISO dates of a map's metadata."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_of(text: str) -> datetime | None:
    """Return an ISO date or time as UTC, None where the text is neither."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def day_text(text: str) -> str:
    """Return the day of an ISO date or time, any other text as it is."""
    when = moment_of(text)
    return text if when is None else when.date().isoformat()
