"""Map every error to a slug, an HTTP status and an exit code (RFC 9457 problems; docs/contract.md section 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from geo import errors as geo_errors
from geo.errors import GeoError
from geo.sentences import in_language

#: Problem types that OGC API Processes Part 1 prescribes.
_PROCESSES = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
#: Upper bound on the faulty rows in a response.
_MAX_ROWS = 100
#: An option of the command line that HTTP has as a parameter, and the blank before its value.
_OPTION = re.compile(
    r"--(crs|map|encoding|profile|source-layer|sheet|header-row)\b(?: (?=\w+=|gcj02|bd09|wgs84|cgcs2000|EPSG))?"
)


class BadQuery(GeoError):
    """A query parameter is unknown, missing, given twice or impossible."""


class BadRequest(GeoError):
    """The head of a request is no HTTP, or too long."""


class NotAcceptable(GeoError):
    """The route has no representation in a format that the request accepts."""


class BadBody(GeoError):
    """A request body is not valid JSON or CSV."""


class BodyTooLarge(GeoError):
    """A request body is larger than the limit."""


class UnsupportedMedia(GeoError):
    """A request body has a media type that the route does not accept."""


class NoRoute(GeoError):
    """No route has this path."""


class NoMethod(GeoError):
    """The path does not accept this method."""


class ForeignHost(GeoError):
    """The request has a host that is not allowed, or comes from another site's page."""


class NotSignedIn(GeoError):
    """The path requires a key or a token, and none was sent, or an invalid one."""


class TooSlow(GeoError):
    """A request body has not arrived in time."""


class TooMany(GeoError):
    """The caller exceeds a rate limit or a limit on jobs."""


class StaleVersion(GeoError):
    """The version in If-Match is not the stored one; ``members`` are what is stored and what was sent."""

    members: Mapping[str, Any] = MappingProxyType({})


class NoVersion(GeoError):
    """A change does not state the version that it is based on."""


class NoSuchProcess(geo_errors.NotFound):
    """The process does not exist."""


class NoSuchJob(geo_errors.NotFound):
    """The job does not exist, or belongs to another caller."""


class ResultNotReady(geo_errors.NotFound):
    """The job has not ended yet."""


class JobFailed(GeoError):
    """The job ended without a result."""


class Unexpected(GeoError):
    """Unexpected error; see the log."""


@dataclass(frozen=True)
class Problem:
    """One kind of error, with the texts of its page.

    Attributes
    ----------
    slug
        The last part of `type`, and the `code` of a problem.
    status
        HTTP status; 422 for a well-formed body becomes 400 for a query.
    exit_code
        Of the command line.
    uri
        The `type` that a standard prescribes; empty for one of this service.
    """

    slug: str
    status: int
    exit_code: int
    title_zh: str
    title_en: str
    help_zh: str
    help_en: str
    uri: str = ""

    def title(self, lang: str) -> str:
        """Return the title in a language."""
        return self.title_en if lang == "en" else self.title_zh

    def help(self, lang: str) -> str:
        """Return the advice in a language."""
        return self.help_en if lang == "en" else self.help_zh


PROBLEMS: Mapping[type[GeoError], Problem] = {
    geo_errors.UnknownCrs: Problem(
        "unknown-crs", 422, 2, "坐标系未知", "Unknown CRS",
        "写明坐标系：wgs84、cgcs2000、gcj02、bd09 或 EPSG 编号。不写就不答。",
        "Name the CRS: wgs84, cgcs2000, gcj02, bd09 or an EPSG code. Without one there is no answer.",
    ),
    geo_errors.CrsMismatch: Problem(
        "crs-mismatch", 422, 2, "坐标系不一致", "CRS mismatch",
        "同一次分析的图层须在同一坐标系。", "All layers of one analysis must be in one CRS.",
    ),
    geo_errors.TooWide: Problem(
        "too-wide", 422, 2, "数据范围过宽", "Data too wide",
        "数据宽于一个投影带所能容纳；请分片分析。",
        "The data are wider than one projection can hold; analyse them in parts.",
    ),
    geo_errors.BadGeometry: Problem(
        "bad-geometry", 422, 2, "图形不可用", "Unusable shape",
        "图形种类不对、不闭合或坐标超出范围。", "A shape is of the wrong kind, not closed, or outside its CRS.",
    ),
    geo_errors.BadValue: Problem(
        "bad-value", 422, 2, "数值不可能", "Impossible value",
        "改正所列的数值后重试。", "Correct the values named and try again.",
    ),
    geo_errors.UnknownName: Problem(
        "unknown-name", 422, 2, "名称不存在", "Unknown name",
        "图层、字段、级别、版本或选项名称有误，可用的名称写在详情里。",
        "A layer, field, level, edition or option has no such name; the detail lists those there are.",
    ),
    geo_errors.UnreadableFile: Problem(
        "unreadable-file", 422, 2, "文件无法读写", "Unusable file",
        "文件不存在、格式不明、已损坏或超出限制。",
        "The file is missing, of an unknown format, damaged, or over a limit.",
    ),
    geo_errors.NotFound: Problem(
        "not-found", 404, 2, "不存在", "Not found", "没有这个要素、批次、点位或区域。",
        "There is no such feature, run, site or zone.",
    ),
    geo_errors.AmbiguousName: Problem(
        "ambiguous-name", 422, 2, "名称不唯一", "Ambiguous name",
        "有几个区域叫这个名称；所列各项的代码各指其一。",
        "Several zones have this name; each of the codes listed names one of them.",
    ),
    geo_errors.Conflict: Problem(
        "conflict", 409, 2, "版本冲突", "Conflict",
        "存储的版本不是所见的版本，或编号已被占用；请重新读取。",
        "The stored version is not the one seen, or the key is taken; read again.",
    ),
    geo_errors.ChangedSince: Problem(
        "changed-since", 409, 2, "所据已改", "Changed since",
        "草案所依据的网格在拟定之后被改过，changed 列出两个版本；请重拟草案。",
        "Grids that the draft is made on were changed since; changed has both versions. Make the draft anew.",
    ),
    geo_errors.StoreBusy: Problem(
        "store-busy", 503, 2, "库正忙", "Store busy", "另有写入正在进行，或正在为地址建索引，稍后重试。",
        "Another writer is at work, or the addresses are being indexed; try again shortly.",
    ),
    geo_errors.StoreFull: Problem(
        "store-full", 507, 2, "存储空间已满", "Store full", "请管理员腾出磁盘空间；原因写在服务日志里。",
        "The operator has to make room on the disk; the log of the service has the reason.",
    ),
    geo_errors.StoreDown: Problem(
        "store-down", 503, 2, "库无法连接", "Store out of reach", "数据库未运行或正在重启，稍后重试。",
        "The database is stopped or restarting; try again shortly.",
    ),
    geo_errors.NotAllowed: Problem(
        "not-allowed", 403, 2, "权限不足", "Not allowed", "所用密钥的角色或镇街范围不允许此操作。",
        "The role or the townships of your key do not allow this.",
    ),
    geo_errors.StoreBroken: Problem(
        "store-broken", 500, 2, "库不可用", "Store unusable",
        "文件不是本项目的工作区，或已损坏。", "The file is not a workspace of this project, or is damaged.",
    ),
    geo_errors.StoreReadOnly: Problem(
        "store-read-only", 403, 2, "库只读", "Store read-only",
        "运行本程序的账号不能写工作区文件；读取照常。",
        "The account that runs this program cannot write the workspace file; reading works.",
    ),
    geo_errors.SourceBroken: Problem(
        "basemap-unusable", 502, 2, "底图主机的回答不可用", "Unusable answer of a base map's host",
        "底图所在的主机无法连接、报错、转向别处，或回答的不是图片；请管理员用 gridsight basemap check 查看。",
        "The host of the base map is out of reach, reports an error, redirects elsewhere or sends no picture; "
        "the operator can look with gridsight basemap check.",
    ),
    geo_errors.SourceSlow: Problem(
        "basemap-slow", 504, 2, "底图主机没有按时回答", "Host of a base map too slow",
        "底图所在的主机没有按时回答；稍后重试。", "The host of the base map has not answered in time; try again later.",
    ),
    BadQuery: Problem(
        "bad-query", 400, 2, "查询参数有误", "Bad query parameter",
        "参数未知、缺少、重复或数值不对；接口文档列出了可用参数。",
        "A parameter is unknown, missing, given twice or impossible; the API documentation lists those there are.",
    ),
    BadRequest: Problem(
        "bad-request", 400, 2, "请求无法读取", "Unreadable request",
        "网址里的汉字等须编码；请求行与请求头合计不超过 64 KB，长的内容用 POST 发送。",
        "Encode what is not ASCII in a URL; a head has at most 64 KB, and what is longer is sent with POST.",
    ),
    NotAcceptable: Problem(
        "not-acceptable", 406, 2, "格式不提供", "Format not served",
        "这个地址没有所要的格式；详情列出了可用的格式。",
        "This path has no representation in the format asked for; the detail lists those there are.",
    ),
    BadBody: Problem(
        "bad-body", 400, 2, "请求内容无法读取", "Unreadable body",
        "内容不是有效的 JSON 或 CSV，或嵌套过深。", "The body is not valid JSON or CSV, or is nested too deep.",
    ),
    BodyTooLarge: Problem(
        "body-too-large", 413, 2, "请求过大", "Body too large", "请分批发送。", "Send it in parts.",
    ),
    UnsupportedMedia: Problem(
        "unsupported-media", 415, 2, "内容类型不支持", "Unsupported media type",
        "请用 application/json 或 text/csv。", "Send application/json or text/csv.",
    ),
    NoRoute: Problem(
        "no-route", 404, 2, "没有这个地址", "No such path", "路径有误；见接口文档。",
        "The path is wrong; see the API documentation.",
    ),
    NoMethod: Problem(
        "no-method", 405, 2, "方法不允许", "Method not allowed", "此路径不接受该方法。",
        "The path does not take this method.",
    ),
    ForeignHost: Problem(
        "foreign-host", 403, 2, "来源不允许", "Foreign host or site",
        "本服务只回答本机与所设主机名的请求，不接受其他网站页面发来的写入。",

        "This service answers for this machine and the host names set, and takes no writes from other sites' pages.",
    ),
    NotSignedIn: Problem(
        "not-signed-in", 401, 2, "未登录", "Not signed in", "请在 X-API-Key 中给出密钥，或先登录。",
        "Send a key in X-API-Key, or sign in first.",
    ),
    TooSlow: Problem(
        "too-slow", 408, 2, "请求太慢", "Request too slow", "请求内容没有在限定时间内到齐；请分批发送。",
        "The body did not arrive in time; send it in parts.",
    ),
    TooMany: Problem(
        "too-many-requests", 429, 2, "请求过于频繁", "Too many requests", "按 Retry-After 稍后再试。",
        "Try again after the seconds that Retry-After names.",
    ),
    StaleVersion: Problem(
        "stale-version", 412, 2, "版本已过时", "Stale version", "要素在您读取之后被改过；请重新读取，再作修改。",
        "The feature has changed since you read it; read it again, then change it.",
    ),
    NoVersion: Problem(
        "no-version", 428, 2, "缺少版本", "Version missing", "修改须以 If-Match 给出所见的 ETag。",
        "A change must send the ETag it is based on in If-Match.",
    ),
    NoSuchProcess: Problem(
        "no-such-process", 404, 2, "没有这个处理", "No such process", "可用的处理列在 /ogc/processes。",
        "/ogc/processes lists those there are.", f"{_PROCESSES}no-such-process",
    ),
    NoSuchJob: Problem(
        "no-such-job", 404, 2, "没有这个任务", "No such job", "您的任务列在 /ogc/jobs。",
        "/ogc/jobs lists your jobs.", f"{_PROCESSES}no-such-job",
    ),
    ResultNotReady: Problem(
        "result-not-ready", 404, 2, "结果尚未就绪", "Result not ready", "任务还未结束；稍后再取。",
        "The job has not ended yet; ask again later.", f"{_PROCESSES}result-not-ready",
    ),
    JobFailed: Problem(
        "job-failed", 400, 2, "任务没有结果", "The job has no result", "任务失败或被撤销，原因写在详情里。",
        "The job failed or was dismissed; the detail says why.",
    ),
    Unexpected: Problem(
        "unexpected", 500, 2, "未预料的错误", "Unexpected error",
        "请查看服务日志；命令行可设 GRIDSIGHT_DEBUG=1 看细节。",
        "See the log of the service; on the command line GRIDSIGHT_DEBUG=1 shows details.",
    ),
    GeoError: Problem(
        "unusable", 422, 2, "无法处理", "Unusable", "输入或请求无法使用。", "An input or a request cannot be used.",
    ),
}  # fmt: skip

BY_SLUG: Mapping[str, Problem] = {problem.slug: problem for problem in PROBLEMS.values()}


def problem_of(error: GeoError) -> Problem:
    """Return the problem of an error, that of its nearest listed ancestor."""
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)


def sentence(error: GeoError, lang: str) -> str:
    """Return the message of an error in a language."""
    return error.en if lang == "en" else error.zh


def status_of(error: GeoError, *, query: bool) -> int:
    """Return the HTTP status: 400 instead of 422 for a query."""
    status = problem_of(error).status
    return 400 if query and status == 422 else status


def body_of(error: GeoError, lang: str, *, status: int, instance: str) -> dict[str, Any]:
    """Return the RFC 9457 object of an error."""
    problem = problem_of(error)
    return {
        "type": problem.uri or f"/problems/{problem.slug}",
        "title": problem.title(lang),
        "status": status,
        "detail": sentence(error, lang),
        "instance": instance,
        "code": problem.slug,
        "errors": [
            {"where": row.where, "row": row.row, "reason": in_language(row.reason, lang)}
            for row in error.rows[:_MAX_ROWS]
        ],
        **(error.members if isinstance(error, StaleVersion | geo_errors.ChangedSince) else {}),
    }


def over_http(body: dict[str, Any]) -> dict[str, Any]:
    """Return the object of an error for a client that has parameters, not options of the command line."""
    rows = [{**row, "reason": with_parameters(row["reason"])} for row in body["errors"]]
    return {**body, "detail": with_parameters(body["detail"]), "errors": rows}


def with_parameters(text: str) -> str:
    """Return a sentence with the parameters of HTTP in place of the options of the command line that it names.

    Examples
    --------
    >>> with_parameters("pass --crs (EPSG:n), the heading with --header-row, --map lon=COLUMN or --crs gcj02")
    'pass crs= (EPSG:n), the heading with header_row=, map=lon=COLUMN or crs=gcj02'
    """
    return _OPTION.sub(lambda found: f"{found[1].replace('-', '_')}=", text)
