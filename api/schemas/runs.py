"""Describe what POST /runs takes: the options of `analyze`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from geo.studies import AnalyzeOptions


class AnalyzeModel(BaseModel):
    """Hold the options of an analysis as they come over the wire."""

    model_config = ConfigDict(extra="forbid", strict=True)

    level: str | None = None
    edition: str | None = None
    target_height: float = Field(default=1.6, gt=0, le=100, allow_inf_nan=False, description="metres")
    zones: list[str] = Field(default_factory=list, max_length=10)
    domain: str = "auto"
    at: str | None = Field(default=None, max_length=10, description="YYYY-MM-DD")

    def options(self) -> AnalyzeOptions:
        """Return them as the engine takes them."""
        return AnalyzeOptions(
            level=self.level,
            edition=self.edition,
            target_height=float(self.target_height),
            zones=tuple(self.zones),
            domain=self.domain,
            at=self.at,
        )


#: The request body, for the API documentation.
ANALYZE_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": AnalyzeModel.model_json_schema()}}}
}
