"""Sign people in and out: a page for a key, and the way to the issuer of tokens; both work without scripts."""

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
from api.dependencies import OPEN_QUERY, Body, Language, TheCaller, media_type
from api.security import needs
from api.security.authentication import Identity, session_of
from api.security.proxy import PROXY
from api.security.sessions import COOKIE, PENDING_COOKIE
from geo.errors import GeoError
from geo.storage.records import AuditEntry, Caller

router = APIRouter(include_in_schema=False, dependencies=[needs("public")])

_CALLBACK = "/login/callback"
#: How long somebody may take at the issuer's page.
_PENDING_SECONDS = 600
_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;margin:4rem auto;max-width:26rem;padding:0 1rem}"
    "input,button,a.button{font:inherit;box-sizing:border-box;display:block;width:100%;padding:.5rem .75rem;"
    "margin:.5rem 0;border:1px solid #8a8f98;border-radius:.4rem}"
    "button,a.button{background:#253494;color:#fff;text-align:center;text-decoration:none;cursor:pointer}.bad{color:#b42318}"
)
_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("登录", "Sign in"),
    "key": ("密钥", "Key"),
    "enter": ("登录", "Sign in"),
    "issuer": ("用单位账号登录", "Sign in with your office account"),
    "hint": ("密钥以 gs_ 开头，由管理员发给您。", "A key begins with gs_; your administrator gives it to you."),
    "who": ("当前身份", "You are"),
    "leave": ("退出登录", "Sign out"),
    "back": ("返回地图", "Back to the map"),
    "desk": ("本机工作台尚未设密钥，无需登录。", "This desk has no keys yet; there is nothing to sign in to."),
    "done": ("已登录。", "You are signed in."),
}


@router.get("/login", response_class=HTMLResponse)
def login_page(request: Request, caller: TheCaller, language: Language) -> HTMLResponse:
    """Return the form for a key, or who is signed in."""
    return _form(request, caller, language)


@router.post("/login")
async def login(request: Request, body: Body, language: Language) -> Response:
    """Begin a session for the key of the form; the key itself goes into no cookie."""
    if media_type(request) != "application/x-www-form-urlencoded":
        raise problems.UnsupportedMedia("请用表单提交", "send the form")
    try:
        given = parse_qs(body.decode(), max_num_fields=10, strict_parsing=True).get("key", [""])[0].strip()
    except ValueError:
        given = ""
    identity: Identity = request.app.state.identity
    try:
        caller = await identity.sign_in(given, address=_address(request))
    except problems.NotSignedIn as error:
        nobody = Caller("", "public")
        return _form(request, nobody, language, fault=error, status=401)
    return await _begin(request, caller, RedirectResponse("/", 303), "key")


@router.get("/login/issuer")
async def to_issuer(request: Request) -> Response:
    """Send the browser to the issuer, with a state, a nonce and a challenge that only this browser's return fits."""
    identity: Identity = request.app.state.identity
    if identity.people is None:
        raise problems.NoRoute("没有设置单位账号登录", "no issuer is set")
    people = identity.people
    document = await to_thread.run_sync(people.issuer.document)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code", "client_id": people.client, "redirect_uri": _callback(request),
        "scope": "openid profile", "state": state, "nonce": nonce,
        "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    place = str(document["authorization_endpoint"])
    answer = RedirectResponse(f"{place}{'&' if '?' in place else '?'}{urlencode(query)}", 303)
    pending = {"state": state, "nonce": nonce, "verifier": verifier}
    # Lax, as the issuer's page sends the browser back here; it holds nothing but what makes that return ours.
    answer.set_cookie(
        PENDING_COOKIE, identity.sessions.seal(pending, kind=PENDING_COOKIE, seconds=_PENDING_SECONDS),
        max_age=_PENDING_SECONDS, path="/login", secure=_secure(request), httponly=True, samesite="lax",
    )  # fmt: skip
    return answer


@router.get(_CALLBACK, openapi_extra=OPEN_QUERY)
async def from_issuer(
    request: Request,
    language: Language,
    code: Annotated[str, Query(max_length=4000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Take the browser back from the issuer: exchange the code, check the token, begin the session."""
    identity: Identity = request.app.state.identity
    if identity.people is None:
        raise problems.NoRoute("没有设置单位账号登录", "no issuer is set")
    try:
        pending = identity.sessions.open(request.cookies.get(PENDING_COOKIE, ""), kind=PENDING_COOKIE)
        if not code or not secrets.compare_digest(pending["state"].encode(), state.encode()):
            raise problems.NotSignedIn("登录未完成，请重试", "the sign-in was not finished; try again")
        people = identity.people

        def exchanged() -> Caller:
            return people.exchange(
                code, redirect=_callback(request), verifier=pending["verifier"], nonce=pending["nonce"]
            )

        caller = await to_thread.run_sync(exchanged)
    except problems.NotSignedIn as error:
        answer = _form(request, Caller("", "public"), language, fault=error, status=401)
        answer.delete_cookie(PENDING_COOKIE, path="/login")
        return answer
    # A page and not a redirect: the way here began at another site, and a Strict cookie would not go along with it.
    text = f'<p>{_word("done", language)}</p><p><a class="button" href="/">{_word("back", language)}</a></p>'
    page = _page(text, language, head='<meta http-equiv="refresh" content="0;url=/">')
    page.delete_cookie(PENDING_COOKIE, path="/login")
    return await _begin(request, caller, page, "issuer")


@router.get("/logout")
def logout_page() -> Response:
    """Lead to the page with the button: following a link must not sign anybody out."""
    return RedirectResponse("/login", 303)


@router.post("/logout")
def logout(request: Request) -> Response:
    """End the session of this browser."""
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, path="/", secure=_secure(request), httponly=True, samesite="strict")
    return answer


async def _begin(request: Request, caller: Caller, answer: Response, way: str) -> Response:
    """Note the sign-in and give the browser its session; what cannot be noted is not begun."""
    who = Caller(
        caller.name, caller.role, caller.townships, key=caller.key,
        request=request.scope["state"].get("request_id", ""), address=_address(request),
    )  # fmt: skip
    store = request.app.state.store.acting(who)
    await to_thread.run_sync(store.record, AuditEntry("sign-in", detail={"by": way}))
    sessions = request.app.state.identity.sessions
    answer.set_cookie(
        COOKIE, sessions.seal(session_of(who), kind=COOKIE), max_age=sessions.seconds, path="/",
        secure=_secure(request), httponly=True, samesite="strict",
    )  # fmt: skip
    return answer


def _form(
    request: Request, caller: Caller, language: str, *, fault: GeoError | None = None, status: int = 200
) -> HTMLResponse:
    identity: Identity = request.app.state.identity
    back = f'<p><a href="/">{_word("back", language)}</a></p>'
    if caller.role != "public":
        named = f"<p>{_word('who', language)}: <strong>{html.escape(caller.name)}</strong> ({caller.role})</p>"
        leave = f'<form method="post" action="/logout"><button>{_word("leave", language)}</button></form>'
        # Without a key it is the desk's own; a proxy signs its people out itself.
        below = {"": f"<p>{_word('desk', language)}</p>", PROXY: ""}.get(caller.key, leave)
        return _page(f"{named}{below}{back}", language, status=status)
    bad = f'<p class="bad" role="alert">{html.escape(problems.sentence(fault, language))}</p>' if fault else ""
    form = (
        f'<form method="post" action="/login"><label for="key">{_word("key", language)}</label>'
        '<input id="key" name="key" type="password" autocomplete="current-password" required autofocus maxlength="200">'
        f"<button>{_word('enter', language)}</button></form><p>{_word('hint', language)}</p>"
    )
    issuer = f'<p><a class="button" href="/login/issuer">{_word("issuer", language)}</a></p>' if identity.people else ""
    return _page(f"{bad}{form}{issuer}{back}", language, status=status)


def _page(body: str, language: str, *, head: str = "", status: int = 200) -> HTMLResponse:
    nonce = secrets.token_urlsafe(18)
    title = _word("title", language)
    text = (
        f'<!doctype html><html lang="{"en" if language == "en" else "zh-CN"}"><head><meta charset="utf-8">{head}'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title} · Gridsight</title>'
        f'<style nonce="{nonce}">{_STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>'
    )
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    # Without a referrer browsers call a form's origin "null", and the guard could not tell our own page from another's.
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
    return HTMLResponse(text, status, headers=headers)


def _word(name: str, language: str) -> str:
    return _WORDS[name][language == "en"]


def _secure(request: Request) -> bool:
    return request.scope["state"].get("scheme", request.url.scheme) == "https"


def _callback(request: Request) -> str:
    """Return where the issuer shall send the browser; the guard has checked the host's name."""
    return f"{'https' if _secure(request) else 'http'}://{request.headers['host']}{_CALLBACK}"


def _address(request: Request) -> str:
    return request.scope["state"]["caller"].address
