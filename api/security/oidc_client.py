"""Sign users in by OpenID Connect: issuer, client id and code exchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api import problems
from api.security.issuer import Issuer, JwksFile
from api.security.tokens import Claims, Tokens, display_name, person_key
from api.settings import Settings
from geo.errors import BadValue
from geo.storage.records import Caller


@dataclass(frozen=True)
class PersonTokens:
    """Tokens whereby the rights of a person are read again: for new tokens, and for the issuer's userinfo."""

    refresh: str = ""
    access: str = ""

    @property
    def can_be_used(self) -> bool:
        """Return whether there is any."""
        return bool(self.refresh or self.access)


@dataclass(frozen=True)
class OidcClient:
    """The issuer, this service's client id and secret, and the verifier of its tokens."""

    issuer: Issuer
    client: str
    secret: str | None
    tokens: Tokens

    def exchange(self, code: str, *, redirect: str, verifier: str, nonce: str) -> tuple[Caller, PersonTokens]:
        """Return the caller of a code's token, and the tokens; raise NotSignedIn where the token is invalid."""
        found = self.issuer.token(
            code=code, verifier=verifier, redirect=redirect, client=self.client, secret=self.secret
        )
        claims = self.tokens.verify(found["id_token"], nonce=nonce)
        return self._caller(person_key(claims), claims), _tokens_in(found)

    def rights_again(self, principal: str, tokens: PersonTokens) -> tuple[Caller, PersonTokens]:
        """Return a person with the rights that the issuer gives now, and tokens for the next time.

        Raises
        ------
        NotSignedIn
            The issuer knows the session or the person no more, or gives no role.
        IssuerUnavailable
            It cannot be asked.
        """
        fresh, claims = tokens, None
        if tokens.refresh:
            found = self.issuer.refreshed(tokens.refresh, client=self.client, secret=self.secret)
            fresh = _tokens_in(found, before=tokens)
            if isinstance(found.get("id_token"), str):
                claims = self.tokens.verify(found["id_token"])
        if claims is None:
            claims = {"iss": self.issuer.url, **self.issuer.userinfo(fresh.access)}
        if not isinstance(claims.get("sub"), str) or person_key(claims) != principal:
            raise problems.NotSignedIn("令牌属于另一个人", "the token is another person's")
        return self._caller(principal, claims), fresh

    def _caller(self, principal: str, claims: Mapping[str, Any]) -> Caller:
        role, townships = self.tokens.rights(claims)
        return Caller(display_name(claims), role, townships, key=principal)  # type: ignore[arg-type]


def _tokens_in(found: Mapping[str, Any], *, before: PersonTokens | None = None) -> PersonTokens:
    """Return the tokens of a response of the token endpoint; an issuer may keep a refresh token as it was."""
    before = before or PersonTokens()
    refresh, access = found.get("refresh_token"), found.get("access_token")
    return PersonTokens(
        refresh if isinstance(refresh, str) else before.refresh, access if isinstance(access, str) else before.access
    )


def oidc_client_of(settings: Settings) -> OidcClient | None:
    """Return the client of the settings, None where no issuer is set; raise BadValue for inconsistent settings."""
    if not settings.oidc_issuer:
        if settings.oidc_jwks_file or settings.oidc_audience:
            raise BadValue("须设置 GRIDSIGHT_OIDC_ISSUER", "GRIDSIGHT_OIDC_ISSUER must be set too")
        return None
    if not settings.oidc_audience:
        raise BadValue("须设置 GRIDSIGHT_OIDC_AUDIENCE", "GRIDSIGHT_OIDC_AUDIENCE must be set too")
    issuer = Issuer(settings.oidc_issuer)
    source = JwksFile(settings.oidc_jwks_file) if settings.oidc_jwks_file else issuer
    claims = Claims(settings.oidc_role_claim, settings.oidc_township_claim)
    tokens = Tokens(settings.oidc_issuer, settings.oidc_audience, source, claims=claims)
    return OidcClient(issuer, settings.oidc_audience, _secret(settings), tokens)


def _secret(settings: Settings) -> str | None:
    if settings.oidc_secret_file is None:
        return None
    try:
        lines = settings.oidc_secret_file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        lines = []
    if not lines or not lines[0].strip():
        raise BadValue("GRIDSIGHT_OIDC_SECRET_FILE 无法读取", "GRIDSIGHT_OIDC_SECRET_FILE cannot be read")
    return lines[0].strip()
