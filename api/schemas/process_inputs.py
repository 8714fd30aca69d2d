"""Describe the process `analyze`, and parse requests to execute a process (OGC API Processes Part 1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api import problems
from api.schemas.runs import AnalyzeModel, options_from
from geo.catalog.editions import DOMAINS, EDITIONS
from geo.catalog.results import OWN_ZONES, ZONE_LAYERS
from geo.errors import BadValue, UnknownName
from geo.studies.analyze_options import AnalyzeOptions

PROCESS = "analyze"
#: The one output: the run, as in `/runs/{id}`.
OUTPUT = "run"
VERSION = "1.0.0"

_TITLES = {
    "level": ("级别", "what counts as seen; the edition's first level unless named"),
    "edition": ("标准版本", "edition of IEC 62676-4"),
    "target_height": ("目标高度（米）", "height of the target above its ground, in metres"),
    "zones": ("区域图层", "zone layers to report; empty is all there are"),
    "domain": ("评价范围", "where coverage is wanted"),
    "at": ("数据日期", "the day whose rows are read; null is today"),
}
_KNOWN: dict[str, list[str]] = {
    "level": sorted({level for levels in EDITIONS.values() for level in levels}),
    "edition": list(EDITIONS),
    "domain": list(DOMAINS),
}


def described_inputs(titles: Mapping[str, tuple[str, str]], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a process, each with its JSON Schema and its title, in Chinese, and description."""
    return {
        name: {
            "title": f"{titles[name][0]} / {name}",
            "description": titles[name][1],
            "minOccurs": 0,
            "maxOccurs": 1,
            "schema": schema,
        }
        for name, schema in found.items()
    }


def inputs() -> dict[str, Any]:
    """Return the inputs, each with the JSON Schema of the field in POST /runs and its possible names."""
    return described_inputs(_TITLES, input_schemas())


def plain_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of an input without keywords that OpenAPI 3.0 lacks."""
    if "anyOf" in schema:  # "or null", which OpenAPI 3.0 writes as nullable
        (kind,) = (one for one in schema["anyOf"] if one.get("type") != "null")
        return {**kind, "nullable": True}
    return {key: value for key, value in schema.items() if key not in ("title", "description")}


def input_schemas() -> dict[str, Any]:
    """Return the JSON Schema of every input, without keywords that OpenAPI 3.0 lacks."""
    found = {}
    for name, schema in AnalyzeModel.model_json_schema()["properties"].items():
        plain = plain_schema(schema)
        if "exclusiveMinimum" in plain:
            plain = {**plain, "minimum": plain["exclusiveMinimum"], "exclusiveMinimum": True}
        if name in _KNOWN:
            plain["enum"] = [*_KNOWN[name], *([None] if plain.get("nullable") else [])]
        if name == "zones":
            own = {"type": "string", "pattern": f"^{OWN_ZONES}.+$"}
            plain["items"] = {"anyOf": [{"type": "string", "enum": list(ZONE_LAYERS)}, own]}
        found[name] = plain
    return found


def summary(*, sync: bool) -> dict[str, Any]:
    """Return the summary of the process, for the list of processes."""
    return {
        "id": PROCESS,
        "version": VERSION,
        "title": "覆盖分析 / coverage analysis",
        "description": "可视范围、覆盖、盲区与各区域指标 / views, coverage, gaps and zone figures of the layers",
        "keywords": ["coverage", "viewshed", "覆盖", "盲区"],
        "jobControlOptions": [*(["sync-execute"] if sync else []), "async-execute", "dismiss"],
        "outputTransmission": ["value"],
    }


def description(*, sync: bool) -> dict[str, Any]:
    """Return the description of the process."""
    output = {
        "title": "批次 / the run",
        "description": "id, options and summary, as /runs/{id} answers; its layers are below /runs/{id}",
        "schema": {"type": "object", "contentMediaType": "application/json"},
    }
    return {**summary(sync=sync), "inputs": inputs(), "outputs": {OUTPUT: output}}


def parse_execute_request(value: Any) -> tuple[AnalyzeOptions, str]:
    """Return the options of an analysis, and the requested form of the result, `raw` or `document`; raises as below."""
    given, response = parse_inputs(value, OUTPUT)
    return options_from(given), response


def parse_inputs(value: Any, output: str) -> tuple[dict[str, Any], str]:
    """Return the inputs of an execute request, and the requested form of the result, `raw` or `document`.

    ``output`` is the one output of the process.

    Raises
    ------
    BadBody
        The request does not have the form of the standard.
    BadValue, UnknownName
        An input is invalid or unknown, or a feature is requested that this process does not support: a URL in a request
        is never fetched or called.
    """
    if not isinstance(value, dict):
        raise problems.BadBody("请求内容须是 JSON 对象", "the body must be a JSON object")
    unknown = [name for name in value if name not in ("inputs", "outputs", "response", "subscriber", "id", "process")]
    if unknown:
        raise UnknownName(f"请求中有未知的 {unknown[0][:40]}", f"the request has an unknown {unknown[0][:40]}")
    if value.get("subscriber") is not None:
        raise BadValue("不支持 subscriber：本服务不访问外部地址", "no subscriber: no URL of a caller is ever called")
    given = value.get("inputs", {})
    if not isinstance(given, dict):
        raise problems.BadBody("inputs 须是 JSON 对象", "inputs must be a JSON object")
    _check_outputs(value.get("outputs"), output)
    response = value.get("response", "raw")
    if response not in ("raw", "document"):
        raise BadValue("response 须是 raw 或 document", "response is raw or document")
    return {name: _literal(name, one) for name, one in given.items()}, response


def _literal(name: str, value: Any) -> Any:
    """Return the value of an input, also of its qualified form; reject a reference."""
    if not isinstance(value, dict):
        return value
    if "href" in value or "value" not in value:
        raise BadValue(
            f"输入 {name[:40]} 须直接给值，不接受链接", f"the input {name[:40]} is given by value, never by reference"
        )
    return value["value"]


def _check_outputs(outputs: Any, output: str) -> None:
    if outputs is None:
        return
    if not isinstance(outputs, dict):
        raise problems.BadBody("outputs 须是 JSON 对象", "outputs must be a JSON object")
    for name, wanted in outputs.items():
        if name != output:
            raise UnknownName(f"没有输出 {name[:40]}，可用：{output}", f"no output {name[:40]}; there is: {output}")
        if isinstance(wanted, dict) and wanted.get("transmissionMode", "value") != "value":
            raise BadValue("输出只能以值传送", "the output is transmitted by value")
