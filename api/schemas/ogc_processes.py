"""Describe OGC API Processes for the OpenAPI 3.0.3 document of `/ogc/api`."""

from __future__ import annotations

from typing import Any

from api.jobs.print_options import PRINT
from api.schemas import print_inputs
from api.schemas.process_inputs import OUTPUT, PROCESS, input_schemas

#: Only what is proven by tests (docs/contract.md section 3).
CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/{name}"
    for name in ("core", "ogc-process-description", "json", "oas30", "job-list", "dismiss")
)
MAX_LIMIT = 1000
STATUSES = ("accepted", "running", "successful", "failed", "dismissed")

_PROBLEM = {"$ref": "#/components/responses/Problem"}
_PROCESS_ID = {
    "name": "processId", "in": "path", "required": True, "schema": {"type": "string", "enum": [PROCESS, PRINT]},
}  # fmt: skip
_JOB_ID = {"name": "jobId", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 200}}
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}


def landing_links(root: str) -> list[dict[str, str]]:
    """Return the links of the landing page to processes and jobs."""
    rel = "http://www.opengis.net/def/rel/ogc/1.0"
    return [
        {"href": f"{root}/{name}", "rel": f"{rel}/{last}", "type": "application/json", "title": name}
        for name, last in (("processes", "processes"), ("jobs", "job-list"))
    ]


def paths() -> dict[str, Any]:
    """Return the paths, rooted at the landing page."""
    return {
        "/processes": {"get": _operation("processes", "Processes", "ProcessList", [_limit()])},
        "/processes/{processId}": {
            "get": _operation("process", "Description of a process", "Process", [_PROCESS_ID], missing=True)
        },
        "/processes/{processId}/execution": {"post": _execution()},
        "/jobs": {"get": _operation("jobs", "The caller's jobs, newest first", "JobList", _job_parameters())},
        "/jobs/{jobId}": {
            "get": _operation("job", "Status of a job", "StatusInfo", [_JOB_ID], missing=True),
            "delete": _operation("dismiss", "Dismiss a job", "StatusInfo", [_JOB_ID], missing=True),
        },
        "/jobs/{jobId}/results": {
            "get": _results()
        },
    }  # fmt: skip


def schemas() -> dict[str, Any]:
    """Return the schemas that the paths name; `Link` and the response `Problem` are shared with the other parts."""
    summary = {
        "id": {"type": "string"},
        "version": {"type": "string"},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "keywords": {"type": "array", "items": {"type": "string"}},
        "jobControlOptions": {
            "type": "array",
            "items": {"type": "string", "enum": ["sync-execute", "async-execute", "dismiss"]},
        },
        "outputTransmission": {"type": "array", "items": {"type": "string", "enum": ["value", "reference"]}},
        "links": _LINKS,
    }
    described = {"type": "object", "additionalProperties": {"type": "object", "required": ["schema"]}}
    date_time = {"type": "string", "format": "date-time"}
    status = {
        "processID": {"type": "string"},
        "type": {"type": "string", "enum": ["process"]},
        "jobID": {"type": "string"},
        "status": {"type": "string", "enum": list(STATUSES)},
        "message": {"type": "string"},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        **dict.fromkeys(("created", "started", "finished", "updated"), date_time),
        "links": _LINKS,
    }
    return {
        "ProcessSummary": _object(summary, ["id", "version"]),
        "ProcessList": _object(
            {"processes": {"type": "array", "items": {"$ref": "#/components/schemas/ProcessSummary"}}, "links": _LINKS},
            ["processes", "links"],
        ),
        "Process": _object({**summary, "inputs": described, "outputs": described}, ["id", "version"]),
        "Execute": _execute_schema(),
        "StatusInfo": _object(status, ["processID", "type", "jobID", "status"]),
        "JobList": _object(
            {"jobs": {"type": "array", "items": {"$ref": "#/components/schemas/StatusInfo"}}, "links": _LINKS},
            ["jobs", "links"],
        ),
        "Run": _object({"id": {"type": "string"}, "created": date_time, "options": {"type": "object"}}, ["id"]),
        "Results": _object({OUTPUT: {"$ref": "#/components/schemas/Run"}}, [OUTPUT]),
    }


def _results() -> dict[str, Any]:
    found = _operation("results", "Result of a job", "Results", [_JOB_ID], missing=True)
    found["responses"]["200"]["content"]["application/pdf"] = {"schema": {"type": "string", "format": "binary"}}
    return found


def _execution() -> dict[str, Any]:
    prefer = {
        "name": "Prefer", "in": "header", "required": False, "schema": {"type": "string"},
        "description": "respond-async: do not wait, answer 201 with the job",
    }  # fmt: skip
    found = _operation("execute", "Execute a process", None, [_PROCESS_ID, prefer], missing=True)
    found["requestBody"] = {"required": True, "content": _json("Execute")}
    found["responses"] = {
        "200": {
            "description": "The result, where the process is executed in the request",
            "content": {
                "application/json": {
                    "schema": {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("Run", "Results")]}
                }
            },
        },
        "201": {
            "description": "The job",
            "headers": {
                "Location": {"schema": {"type": "string"}},
                "Preference-Applied": {"schema": {"type": "string"}},
            },
            "content": _json("StatusInfo"),
        },
        **dict.fromkeys(("413", "415", "422", "503"), _PROBLEM),
        **found["responses"],
    }
    return found


def _execute_schema() -> dict[str, Any]:
    values = {
        name: {"anyOf": [schema, {"type": "object", "required": ["value"], "properties": {"value": schema}}]}
        for name, schema in {**print_inputs.input_schemas(), **input_schemas()}.items()
    }
    outputs = {
        "type": "object",
        "properties": {OUTPUT: {"type": "object"}, print_inputs.OUTPUT: {"type": "object"}},
        "additionalProperties": False,
    }
    return _object(
        {
            "inputs": {"type": "object", "properties": values, "additionalProperties": False},
            "outputs": outputs,
            "response": {"type": "string", "enum": ["raw", "document"], "default": "raw"},
        },
        [],
    )


def _operation(
    name: str, summary: str, schema: str | None, parameters: list[dict[str, Any]], *, missing: bool = False
) -> dict[str, Any]:
    refused = ["400", "401", "403", *(["404"] if missing else []), "429"]
    answers = {"200": {"description": summary, "content": _json(schema)}} if schema else {}
    return {
        "operationId": f"processes.{name}",
        "summary": summary,
        "tags": ["Processes"],
        "parameters": parameters,
        "responses": {**answers, **dict.fromkeys(refused, _PROBLEM), "500": _PROBLEM},
    }


def _job_parameters() -> list[dict[str, Any]]:
    text = {"type": "array", "items": {"type": "string"}}
    seconds = {"type": "integer", "minimum": 0}
    status = {"type": "array", "items": {"type": "string", "enum": list(STATUSES)}}
    return [
        _query("type", text), _query("processID", text), _query("status", status),
        _query("datetime", {"type": "string"}), _query("minDuration", seconds), _query("maxDuration", seconds),
        _limit(),
    ]  # fmt: skip


def _limit() -> dict[str, Any]:
    return _query("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 100})


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "style": "form", "explode": False}


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", **({"required": required} if required else {}), "properties": properties}
