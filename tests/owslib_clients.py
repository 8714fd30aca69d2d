"""Make OWSLib clients that keep their headers to themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import pytest
from owslib import ogcapi

Client = TypeVar("Client", bound=ogcapi.API)


def own_client(kind: type[Client], url: str, headers: Mapping[str, str]) -> Client:
    """Return a client of its own headers.

    OWSLib (0.35, 0.36) writes the headers of every client into one dict of the module: the key of one test
    would be sent by the next.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ogcapi, "REQUEST_HEADERS", dict(ogcapi.REQUEST_HEADERS))
        return kind(url, headers=dict(headers))
