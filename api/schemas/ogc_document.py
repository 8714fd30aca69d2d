"""Assemble the OpenAPI 3.0.3 document of the OGC part, rooted at its landing page, from one module per standard.

Each module has ``CONFORMANCE`` (the URIs proven by tests), ``paths()`` and ``schemas()``, and may have
``parameters()``, ``landing_links(root)`` and ``collection_links(base, layer)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from api import __version__
from api.schemas import ogc_features, ogc_processes, ogc_tiles
from api.schemas.ogc_features import DEFAULT_LIMIT, MAX_LIMIT, OPENAPI_MEDIA, QUERYABLES_REL
from geo.catalog.layers import Layer

__all__ = [
    "DEFAULT_LIMIT",
    "MAX_LIMIT",
    "OPENAPI_MEDIA",
    "QUERYABLES_REL",
    "collection_links",
    "conformance",
    "document",
    "landing_links",
]

#: The modules of the standards, in the order of the document.
STANDARDS: tuple[ModuleType, ...] = (ogc_features, ogc_processes, ogc_tiles)


def conformance() -> list[str]:
    """Return the conformance classes that are proven by tests."""
    return [uri for standard in STANDARDS for uri in standard.CONFORMANCE]


def landing_links(root: str) -> list[dict[str, str]]:
    """Return the links of the standards on the landing page."""
    return [one for add in _functions("landing_links") for one in add(root)]


def collection_links(base: str, layer: Layer) -> list[dict[str, str]]:
    """Return the links of the standards in a collection; `base` is its URL."""
    return [one for add in _functions("collection_links") for one in add(base, layer)]


def document(root: str) -> dict[str, Any]:
    """Return the OpenAPI document; `root` is the absolute URL of the landing page."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Gridsight OGC API", "version": __version__, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": root}],
        "paths": _joined("paths"),
        "components": {
            "parameters": _joined("parameters"),
            "schemas": _joined("schemas"),
            "responses": {"Problem": _PROBLEM},
            "securitySchemes": _SECURITY,
        },
        "security": [{}, {"key": []}, {"bearer": []}, {"basic": []}],
    }


def _functions(name: str) -> Iterator[Any]:
    yield from (getattr(standard, name) for standard in STANDARDS if hasattr(standard, name))


def _joined(name: str) -> dict[str, Any]:
    return {key: value for make in _functions(name) for key, value in make().items()}


_PROBLEM = {
    "description": "An error (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SECURITY = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
}
