"""Represent jobs: what `/runs` and the OGC routes have in common."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from api.jobs.print_options import PRINT
from api.language import from_header
from api.representations import responses
from api.representations.links import root_of
from geo.sentences import in_language
from geo.storage.records import Job


def link(href: str, rel: str) -> dict[str, str]:
    """Return a link to a JSON document."""
    return {"href": href, "rel": rel, "type": responses.JSON}


def prefers_async(request: Request) -> bool:
    """Return whether the request prefers not to wait (RFC 7240)."""
    preferences = ",".join(request.headers.getlist("prefer"))
    return any(one.partition(";")[0].strip().lower() == "respond-async" for one in preferences.split(","))


def applied(request: Request) -> dict[str, str]:
    """Return the header that confirms that this preference was applied."""
    return {"Preference-Applied": "respond-async"} if prefers_async(request) else {}


def status_info(request: Request, job: Job) -> dict[str, Any]:
    """Return a job as the standard's status info, its message in the language of the request."""
    root = root_of(request)
    links = [link(f"{root}/jobs/{job.id}", "self")]
    if job.status == "successful":
        links.append(link(f"{root}/jobs/{job.id}/results", "http://www.opengis.net/def/rel/ogc/1.0/results"))
        links.append(link(f"{root.removesuffix('/ogc')}/runs/{job.run}", "related"))
    if job.status == "successful" and job.process == PRINT:
        links[1]["type"] = "application/pdf"
    dates = {name: getattr(job, name) for name in ("created", "started", "finished", "updated")}
    return {
        "processID": job.process,
        "type": "process",
        "jobID": job.id,
        "status": job.status,
        "message": in_language(job.message, from_header(request.headers.get("accept-language"))),
        "progress": job.progress,
        **{name: value for name, value in dates.items() if value},
        "links": links,
    }
