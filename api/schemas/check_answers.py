"""Describe the answer of /checks."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class FindingKindModel(BaseModel):
    """Count the findings of one rule in one layer, and say how they are mended."""

    severity: Literal["error", "warning"]
    code: str
    layer: str
    count: int
    text: str = Field(description="the first of them: 中文 / English")
    remedy: str = Field(description="what is to be done: 中文 / English")


class CheckFindingModel(BaseModel):
    """Describe one finding as `gridsight check --json` does; of many rows the first fifty are named."""

    rank: int
    severity: Literal["error", "warning"]
    code: str
    layer: str
    keys: list[str]
    rows: int
    text: str = Field(description="中文 / English")
    value: float | None
    lon: float | None
    lat: float | None


class ChecksModel(BaseModel):
    """List what is wrong or doubtful in the stored layers that the caller may read."""

    errors: int
    warnings: int
    kinds: list[FindingKindModel]
    findings: list[CheckFindingModel]
    matched: int = Field(description="findings that `code` and `layer` ask for, those beyond `limit` too")
