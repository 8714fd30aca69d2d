"""Write values as JSON: dataclasses and numpy values are understood, NaN is null; no frame is needed for it."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from typing import Any

import orjson


def dumps(value: Any) -> bytes:
    """Return a value as JSON text."""
    return orjson.dumps(value, default=_python_value, option=orjson.OPT_SERIALIZE_NUMPY)


def _python_value(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    numpy = sys.modules.get("numpy")  # where it is not loaded, no value is of it
    if numpy is not None and isinstance(value, numpy.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError
