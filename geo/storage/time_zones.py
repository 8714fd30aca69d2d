"""Tell the day in the time zone of a store, and the offsets of a zone for programs that know no zones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geo.errors import BadValue

#: The time zone of a store unless another is set when it is made, or upgraded for the first time.
DEFAULT_TIME_ZONE = "Asia/Shanghai"
#: Years for which ``utc_offsets`` lists offsets; laws change those of later years anyway.
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_MAX_LENGTH = 64


def checked_time_zone(name: str) -> str:
    """Return the name of a time zone of the IANA database; raise BadValue for any other.

    Examples
    --------
    >>> checked_time_zone("Asia/Urumqi")
    'Asia/Urumqi'
    >>> checked_time_zone("UTC+8")
    Traceback (most recent call last):
    geo.errors.BadValue: 没有时区 UTC+8，例如 Asia/Shanghai / no time zone UTC+8; an example is Asia/Shanghai
    """
    try:
        if 0 < len(name) <= _MAX_LENGTH and name != "localtime":
            ZoneInfo(name)
            return name
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the database is no zone either
        pass
    shown = name[:_MAX_LENGTH]
    raise BadValue(
        f"没有时区 {shown}，例如 {DEFAULT_TIME_ZONE}", f"no time zone {shown}; an example is {DEFAULT_TIME_ZONE}"
    )


def today_in(name: str) -> date:
    """Return the day that it is now in a time zone."""
    return datetime.now(tz=ZoneInfo(name)).date()


def utc_offsets(name: str) -> Iterator[tuple[str, int]]:
    """Yield (moment in UTC as ISO 8601, minutes east of UTC from then on), in order, the first from the beginning.

    Examples
    --------
    >>> list(utc_offsets("Asia/Shanghai"))
    [('0001-01-01T00:00:00Z', 480)]
    >>> list(utc_offsets("Europe/Helsinki"))[1:3]
    [('2000-03-26T01:00:00Z', 180), ('2000-10-29T01:00:00Z', 120)]
    """
    zone = ZoneInfo(name)

    def minutes(moment: datetime) -> int:
        offset = moment.astimezone(zone).utcoffset() or timedelta()
        return round(offset.total_seconds() / 60)

    day, end = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(_LAST_YEAR, 1, 1, tzinfo=UTC)
    known = minutes(day)
    yield "0001-01-01T00:00:00Z", known
    while day < end:
        morrow = day + timedelta(days=1)
        if (found := minutes(morrow)) != known:
            low, high = day, morrow
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) // 2
                middle = middle.replace(second=0, microsecond=0)
                low, high = (middle, high) if minutes(middle) == known else (low, middle)
            known = found
            yield high.strftime("%Y-%m-%dT%H:%M:%SZ"), known
        day = morrow
