"""Serve the sign-in and sign-out pages: API key or OpenID Connect; no script required."""

from __future__ import annotations

import base64
import hashlib
import html
import secrets
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qs, urlencode

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import problems
from api.dependencies import OPEN_QUERY, Body, CallerDep, Language, media_type
from api.representations.html_frame import html_response
from api.security import requires
from api.security.authentication import Authenticator, session_cookie
from api.security.oidc_client import PersonTokens
from api.security.sessions import COOKIE, PENDING_COOKIE, cookie_name
from geo.catalog.palette import SIGN_IN
from geo.errors import GeoError
from geo.storage.records import PROXY_KEY, AuditEntry, Caller

router = APIRouter(include_in_schema=False, dependencies=[requires("public")])

_CALLBACK = "/login/callback"
#: How long a sign-in at the issuer's page may take.
_SIGN_IN_TIMEOUT_SECONDS = 600
_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;margin:4rem auto;max-width:26rem;padding:0 1rem}"
    "input,button,a.button{font:inherit;box-sizing:border-box;display:block;width:100%;padding:.5rem .75rem;"
    f"margin:.5rem 0;border:1px solid {SIGN_IN.edge};border-radius:.4rem}}"
    f"button,a.button{{background:{SIGN_IN.button};color:{SIGN_IN.button_text};text-align:center;text-decoration:none;"
    f"cursor:pointer}}.bad{{color:{SIGN_IN.fault}}}"
)
_TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("登录", "Sign in"),
    "key": ("密钥", "Key"),
    "enter": ("登录", "Sign in"),
    "issuer": ("用单位账号登录", "Sign in with your office account"),
    "hint": ("密钥以 gs_ 开头，由管理员发给您。", "A key begins with gs_; your administrator gives it to you."),
    "who": ("当前身份", "You are"),
    "leave": ("退出登录", "Sign out"),
    "back": ("返回地图", "Back to the map"),
    "embedded": ("这个工作区尚未设密钥，无需登录。", "This workspace has no keys yet; there is nothing to sign in to."),
    "done": ("已登录。", "You are signed in."),
}


@router.get("/login", response_class=HTMLResponse)
def login_page(request: Request, caller: CallerDep, language: Language) -> HTMLResponse:
    """Return the form for a key, or the name of the signed-in user."""
    return _form(request, caller, language)


@router.post("/login")
async def login(request: Request, body: Body, language: Language) -> Response:
    """Start a session for the key of the form; the key itself is not stored in a cookie."""
    if media_type(request) != "application/x-www-form-urlencoded":
        raise problems.UnsupportedMedia("请用表单提交", "send the form")
    try:
        given = parse_qs(body.decode(), max_num_fields=10, strict_parsing=True).get("key", [""])[0].strip()
    except ValueError:
        given = ""
    authenticator: Authenticator = request.app.state.authenticator
    try:
        caller, tokens = await authenticator.sign_in(given, address=_address(request))
    except problems.NotSignedIn as error:
        return _form(request, Caller("", "public"), language, fault=error, status=401)
    return await _start_session(request, caller, RedirectResponse("/", 303), "key", tokens)


@router.get("/login/issuer")
async def to_issuer(request: Request) -> Response:
    """Redirect the browser to the issuer, with state, nonce and code challenge of this sign-in."""
    authenticator: Authenticator = request.app.state.authenticator
    if authenticator.oidc_client is None:
        raise problems.NoRoute("没有设置单位账号登录", "no issuer is set")
    oidc_client = authenticator.oidc_client
    document = await to_thread.run_sync(oidc_client.issuer.document)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code", "client_id": oidc_client.client, "redirect_uri": _callback(request),
        "scope": "openid profile", "state": state, "nonce": nonce,
        "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    endpoint = str(document["authorization_endpoint"])
    response = RedirectResponse(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}", 303)
    pending = {"state": state, "nonce": nonce, "verifier": verifier}
    # Lax, as the issuer's page redirects the browser back; it contains only what identifies this sign-in.
    response.set_cookie(
        _pending_cookie(request),
        authenticator.seals.seal(pending, kind=PENDING_COOKIE, seconds=_SIGN_IN_TIMEOUT_SECONDS),
        max_age=_SIGN_IN_TIMEOUT_SECONDS, path=_pending_path(request), secure=_secure(request), httponly=True,
        samesite="lax",
    )  # fmt: skip
    return response


@router.get(_CALLBACK, openapi_extra=OPEN_QUERY)
async def from_issuer(
    request: Request,
    language: Language,
    code: Annotated[str, Query(max_length=4000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Complete a sign-in at the issuer: exchange the code, verify the token, start the session."""
    authenticator: Authenticator = request.app.state.authenticator
    if authenticator.oidc_client is None:
        raise problems.NoRoute("没有设置单位账号登录", "no issuer is set")
    try:
        pending = authenticator.seals.open(request.cookies.get(_pending_cookie(request), ""), kind=PENDING_COOKIE)
        if not code or not secrets.compare_digest(pending["state"].encode(), state.encode()):
            raise problems.NotSignedIn("登录未完成，请重试", "the sign-in was not finished; try again")
        oidc_client = authenticator.oidc_client

        def exchanged() -> tuple[Caller, PersonTokens]:
            return oidc_client.exchange(
                code, redirect=_callback(request), verifier=pending["verifier"], nonce=pending["nonce"]
            )

        caller, tokens = await to_thread.run_sync(exchanged)
    except problems.NotSignedIn as error:
        response = _form(request, Caller("", "public"), language, fault=error, status=401)
        _clear_pending(request, response)
        return response
    # A page and not a redirect: the request comes from another site, so a Strict cookie would not be sent with one.
    text = f'<p>{_text("done", language)}</p><p><a class="button" href="/">{_text("back", language)}</a></p>'
    page = _page(text, language, head='<meta http-equiv="refresh" content="0;url=/">')
    _clear_pending(request, page)
    return await _start_session(request, caller, page, "issuer", tokens)


@router.get("/logout")
def logout_page() -> Response:
    """Redirect to the page with the button: sign-out requires POST."""
    return RedirectResponse("/login", 303)


@router.post("/logout")
async def logout(request: Request, caller: CallerDep) -> Response:
    """End the session of this browser, in every process; a sign-out that cannot be recorded is not confirmed."""
    authenticator: Authenticator = request.app.state.authenticator
    cookie = session_cookie(request.headers, is_secure=_secure(request))
    if cookie is not None:
        await to_thread.run_sync(authenticator.sessions.end, cookie)
        if caller.role != "public":
            store = request.app.state.store.acting(caller)
            await to_thread.run_sync(store.record, AuditEntry("sign-out"))
    response = RedirectResponse("/login", 303)
    is_secure = _secure(request)
    response.delete_cookie(
        cookie_name(COOKIE, is_secure=is_secure), path="/", secure=is_secure, httponly=True, samesite="strict"
    )
    return response


async def _start_session(
    request: Request, caller: Caller, response: Response, method: str, tokens: PersonTokens
) -> Response:
    """Audit the sign-in and set the session cookie; a sign-in that cannot be audited is refused."""
    signed_in = Caller(
        caller.name, caller.role, caller.townships, key=caller.key,
        request=request.scope["state"].get("request_id", ""), address=_address(request),
    )  # fmt: skip
    store = request.app.state.store.acting(signed_in)
    await to_thread.run_sync(store.record, AuditEntry("sign-in", detail={"by": method}))
    sessions = request.app.state.authenticator.sessions
    cookie = await to_thread.run_sync(sessions.begin, signed_in, tokens)
    is_secure = _secure(request)
    response.set_cookie(
        cookie_name(COOKIE, is_secure=is_secure), cookie, max_age=sessions.seconds, path="/",
        secure=is_secure, httponly=True, samesite="strict",
    )  # fmt: skip
    return response


def _form(
    request: Request, caller: Caller, language: str, *, fault: GeoError | None = None, status: int = 200
) -> HTMLResponse:
    authenticator: Authenticator = request.app.state.authenticator
    back = f'<p><a href="/">{_text("back", language)}</a></p>'
    if caller.role != "public":
        named = f"<p>{_text('who', language)}: <strong>{html.escape(caller.name)}</strong> ({caller.role})</p>"
        leave = f'<form method="post" action="/logout"><button>{_text("leave", language)}</button></form>'
        # Without a key it is the user of embedded mode; behind a proxy, sign-out is the proxy's.
        below = {"": f"<p>{_text('embedded', language)}</p>", PROXY_KEY: ""}.get(caller.key, leave)
        return _page(f"{named}{below}{back}", language, status=status)
    bad = f'<p class="bad" role="alert">{html.escape(problems.sentence(fault, language))}</p>' if fault else ""
    form = (
        f'<form method="post" action="/login"><label for="key">{_text("key", language)}</label>'
        '<input id="key" name="key" type="password" autocomplete="current-password" required autofocus maxlength="200">'
        f"<button>{_text('enter', language)}</button></form><p>{_text('hint', language)}</p>"
    )
    issuer = (
        f'<p><a class="button" href="/login/issuer">{_text("issuer", language)}</a></p>'
        if authenticator.oidc_client
        else ""
    )
    return _page(f"{bad}{form}{issuer}{back}", language, status=status)


def _page(body: str, language: str, *, head: str = "", status: int = 200) -> HTMLResponse:
    title = _text("title", language)
    # Without a referrer browsers send the origin "null" with a form, and the origin check would reject this page's.
    headers = {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
    return html_response(
        title, body, language,
        style=_STYLE, title=f"{title} · Gridsight", head=head, policy="form-action 'self'", status=status,
        headers=headers,
    )  # fmt: skip


def _text(name: str, language: str) -> str:
    return _TEXTS[name][language == "en"]


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _pending_cookie(request: Request) -> str:
    return cookie_name(PENDING_COOKIE, is_secure=_secure(request))


def _pending_path(request: Request) -> str:
    """Return the path of the cookie of a pending sign-in; one that only this host may set has no other than ``/``."""
    return "/" if _secure(request) else "/login"


def _clear_pending(request: Request, response: Response) -> None:
    response.delete_cookie(_pending_cookie(request), path=_pending_path(request), secure=_secure(request))


def _callback(request: Request) -> str:
    """Return the redirect URL for the issuer; the middleware has checked the host name."""
    return f"{request.url.scheme}://{request.url.netloc}{_CALLBACK}"


def _address(request: Request) -> str:
    return request.scope["state"]["caller"].address
