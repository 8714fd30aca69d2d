"""Sign users in by OpenID Connect: issuer, client id and code exchange."""

from __future__ import annotations

from dataclasses import dataclass

from api.security.issuer import Issuer, JwksFile
from api.security.tokens import Claims, Tokens, display_name, person_key
from api.settings import Settings
from geo.errors import BadValue
from geo.storage.records import Caller


@dataclass(frozen=True)
class OidcClient:
    """The issuer, this service's client id and secret, and the verifier of its tokens."""

    issuer: Issuer
    client: str
    secret: str | None
    tokens: Tokens

    def exchange(self, code: str, *, redirect: str, verifier: str, nonce: str) -> Caller:
        """Return the caller of a code's token; raise NotSignedIn where the token is invalid."""
        token = self.issuer.token(
            code=code, verifier=verifier, redirect=redirect, client=self.client, secret=self.secret
        )
        claims = self.tokens.verify(token, nonce=nonce)
        role, townships = self.tokens.rights(claims)
        return Caller(display_name(claims), role, townships, key=person_key(claims))  # type: ignore[arg-type]


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
