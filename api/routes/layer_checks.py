"""Check the stored layers that the caller may read (docs/check.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import CallerDep, StoreDep, audit_export
from api.kept_answers import KeptAnswers
from api.long_work import LONG_ANSWERS
from api.representations.json_text import dumps
from api.representations.responses import JSON
from api.routes.ogc.common import content_etag, not_modified
from api.schemas.check_answers import ChecksModel
from api.security import requires, scope_key
from geo.catalog.layers import LAYERS
from geo.catalog.layers import layer as layer_of
from geo.check.remedies import remedy
from geo.errors import UnknownName
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.check_layers import check
from geo.types import Finding

router = APIRouter(tags=["checks"])
#: Of a county they take seconds; they stay the same until a layer changes.
_found: KeptAnswers[list[Finding]] = KeptAnswers(8)
#: Rows that a finding names.
_MAX_KEYS = 50


@router.get("/checks", dependencies=[requires("planner")], response_model=ChecksModel)
def checks(
    request: Request,
    store: StoreDep,
    caller: CallerDep,
    layer: Annotated[str | None, Query(max_length=60, description="only findings of this layer")] = None,
    code: Annotated[str | None, Query(max_length=60, description="only findings of this code")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="at most so many findings")] = 1_000,
) -> Response:
    """Return the findings of `gridsight check`, ranked, counted by rule, each rule with the way to mend it.

    Only rows that the caller may read are looked at: those of other townships are neither named nor counted.
    """
    if layer is not None:
        layer_of(layer)  # of a layer that there is not, no finding would read as nothing wrong
    if code is not None and not remedy(code):
        raise UnknownName(f"没有发现 {code}，见 docs/check.md", f"no finding {code}; see docs/check.md")
    found = _findings(store, caller)
    mine = [one for one in found if layer in (None, one.layer) and code in (None, one.code)]
    errors = sum(one.severity == "error" for one in found)
    body = dumps(
        {
            "errors": errors,
            "warnings": len(found) - errors,
            "kinds": list(_kinds(found)),
            "findings": [_described(one) for one in mine[:limit]],
            "matched": len(mine),
        }
    )
    headers = {"ETag": content_etag(body)}
    if known := not_modified(request, headers["ETag"]):
        return known
    audit_export(store, "json", layer="cameras", rows=sum(one.layer == "cameras" for one in mine[:limit]))
    return Response(body, media_type=JSON, headers=headers)


def _findings(store: Store, caller: Caller) -> list[Finding]:
    # Rows begin and end by their dates: what is found is of a day.
    named = "\n".join((store.name, store.state(*LAYERS), store.today().isoformat(), scope_key(caller)))

    def checked() -> list[Finding]:
        with store.snapshot():
            return check(store)

    return _found.made(named, LONG_ANSWERS, checked)


def _kinds(found: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    kinds: dict[tuple[str, str, str], list[Finding]] = {}
    for one in found:
        kinds.setdefault((one.severity, one.code, one.layer), []).append(one)
    for (severity, code, layer), group in kinds.items():
        yield {
            "severity": severity,
            "code": code,
            "layer": layer,
            "count": len(group),
            "text": group[0].text,
            "remedy": remedy(code),
        }


def _described(one: Finding) -> dict[str, Any]:
    return {**vars(one), "keys": [str(key) for key in one.keys[:_MAX_KEYS]], "rows": len(one.keys)}
