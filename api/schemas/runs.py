"""Describe the request body of POST /runs: the options of `analyze`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geo.catalog.options import DEFAULT_TARGET_HEIGHT_M
from geo.errors import BadValue, RowFault
from geo.storage.run_names import MAX_NAME, MAX_NOTE, RunName
from geo.studies.analyze_options import AnalyzeOptions


class AnalyzeModel(BaseModel):
    """Hold the options of an analysis as they come over the wire."""

    model_config = ConfigDict(extra="forbid", strict=True)

    level: str | None = None
    edition: str | None = None
    target_height: float = Field(
        default=DEFAULT_TARGET_HEIGHT_M, gt=0, le=100, allow_inf_nan=False, description="metres"
    )
    zones: list[str] = Field(default_factory=list, max_length=10)
    domain: str = "auto"
    at: str | None = Field(default=None, max_length=10, description="YYYY-MM-DD")

    def options(self) -> AnalyzeOptions:
        """Return them as options of the engine."""
        return AnalyzeOptions(
            level=self.level,
            edition=self.edition,
            target_height=float(self.target_height),
            zones=tuple(self.zones),
            domain=self.domain,
            at=self.at,
        )


class NameModel(BaseModel):
    """Hold the name of a run as it comes over the wire."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(default="", max_length=MAX_NAME)
    note: str = Field(default="", max_length=MAX_NOTE)


def name_from(value: Mapping[str, Any]) -> RunName:
    """Return the name and note in a JSON object; raise BadValue for an invalid one."""
    try:
        found = NameModel.model_validate(value)
    except ValidationError as error:
        rows = [RowFault("body", "", ".".join(map(str, one["loc"])), _error_reason(one)) for one in error.errors()]
        raise BadValue("批次的名称或备注有误", "the name or note of the run is wrong", rows=rows) from None
    return RunName(found.name, found.note)


def options_from(value: Mapping[str, Any]) -> AnalyzeOptions:
    """Return the checked options in a JSON object; raise BadValue or UnknownName for invalid ones."""
    try:
        options = AnalyzeModel.model_validate(value).options()
    except ValidationError as error:
        rows = [RowFault("body", "", ".".join(map(str, one["loc"])), _error_reason(one)) for one in error.errors()]
        raise BadValue("分析选项有误", "the options are wrong", rows=rows) from None
    options.checked()
    return options


def _error_reason(one: Any) -> str:
    return f"{'.'.join(map(str, one['loc']))}: {one['msg']}"


#: The request body, for the API documentation.
ANALYZE_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": AnalyzeModel.model_json_schema()}}}
}
NAME_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": NameModel.model_json_schema()}}}
}
