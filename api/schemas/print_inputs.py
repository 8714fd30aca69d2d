"""Describe the process `print` and read the inputs that it is executed with (OGC API Processes Part 1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.jobs.print_options import KINDS, PRINT, PrintOptions
from api.schemas.process_inputs import described_inputs, plain_schema
from geo.catalog.papers import LAYERS_OF_SHEET, ORIENTATIONS, PAPERS, ZONES_OF_ATLAS
from geo.errors import BadValue, RowFault

#: The one output: the file.
OUTPUT = "file"
VERSION = "1.0.0"
_TITLES = {
    "kind": ("印刷品", "atlas or sheet"),
    "by": ("图册按什么分图", "what each sheet of an atlas is of"),
    "paper": ("纸张", "A4 to A0"),
    "orientation": ("方向", "how the paper lies"),
    "run": ("批次", "the run"),
    "zone": ("范围", "code or name of the zone that it is of; null for all"),
    "claim": ("声明", "only the places of this claim"),
    "lang": ("语言", "zh or en"),
    "basemap": ("底图", "name of the base map below it"),
    "scale": ("比例尺分母", "denominator of the scale; of a sheet"),
    "title": ("标题", "title, at most 100 letters"),
    "layers": ("所画图层", f"what maps draw, of {','.join(LAYERS_OF_SHEET)}"),
}
_KNOWN = {
    "kind": KINDS,
    "by": ZONES_OF_ATLAS,
    "paper": tuple(PAPERS),
    "orientation": ORIENTATIONS,
    "lang": ("zh", "en"),
}


class PrintModel(BaseModel):
    """Hold what is to be printed as it comes over the wire."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str = KINDS[0]
    by: str = ZONES_OF_ATLAS[0]
    paper: str = "A3"
    orientation: str = ORIENTATIONS[0]
    run: str = Field(default="latest", max_length=64)
    zone: str | None = Field(default=None, max_length=64)
    claim: str | None = Field(default=None, max_length=200)
    lang: str = "zh"
    basemap: str | None = Field(default=None, max_length=60)
    scale: int | None = Field(default=None, ge=1, le=10**9)
    title: str = Field(default="", max_length=2_000)
    layers: str | None = Field(default=None, max_length=200)


def print_options_from(value: Mapping[str, Any]) -> PrintOptions:
    """Return the checked options in a JSON object; raise BadValue or UnknownName for invalid ones."""
    try:
        options = PrintOptions(**PrintModel.model_validate(value).model_dump())
    except ValidationError as error:
        rows = [RowFault("body", "", ".".join(map(str, one["loc"])), one["msg"]) for one in error.errors()]
        raise BadValue("打印选项有误", "the options of the print are wrong", rows=rows) from None
    options.checked()
    return options


def input_schemas() -> dict[str, Any]:
    """Return the JSON Schema of every input, without keywords that OpenAPI 3.0 lacks."""
    found = {}
    for name, schema in PrintModel.model_json_schema()["properties"].items():
        plain = plain_schema(schema)
        found[name] = {**plain, "enum": list(_KNOWN[name])} if name in _KNOWN else plain
    return found


def summary() -> dict[str, Any]:
    """Return the summary of the process, for the list of processes."""
    return {
        "id": PRINT,
        "version": VERSION,
        "title": "打印 / print",
        "description": "图册或图纸，作为任务排印 / an atlas or a sheet, drawn as a job",
        "keywords": ["atlas", "sheet", "PDF", "图册", "图纸"],
        "jobControlOptions": ["async-execute", "dismiss"],
        "outputTransmission": ["value"],
    }


def description() -> dict[str, Any]:
    """Return the description of the process."""
    inputs = described_inputs(_TITLES, input_schemas())
    output = {
        "title": "文件 / the file",
        "description": "the PDF, as its caller may see the store; kept for a week",
        "schema": {"type": "string", "contentMediaType": "application/pdf", "contentEncoding": "binary"},
    }
    return {**summary(), "inputs": inputs, "outputs": {OUTPUT: output}}
