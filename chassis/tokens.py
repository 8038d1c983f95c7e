"""Tokens: the port that verifies them, and the development issuer of the embedded mode. Knows no web framework."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis import keyfile
from chassis.clock import Clock, SystemClock
from chassis.settings import ServiceSettings

AUDIENCE = "sluicegate"
DEVELOPMENT_ISSUER = "urn:sluicegate:development"
ALGORITHM = "Ed25519"
KEY_FILE = "issuer.jwk"
DISCOVERY = "/.well-known/openid-configuration"
"""Where an OpenID Connect issuer says what it is, below its own address."""


class InvalidTokenError(Exception):
    """The token is forged, expired, for someone else, or no token at all."""


class ExpiredTokenError(InvalidTokenError):
    """It was good once: the caller needs a new one."""


class NotForProductionError(Exception):
    """Something made for trying was asked for where it must not run. Its text is for the operator, zh / en."""


class Verifier(Protocol):
    """Turns a bearer token into claims: the development issuer here, any OpenID Connect provider in ``chassis/oidc.py``.

    ``leeway``: seconds by which the issuer's clock may differ from ours.
    """

    leeway: int

    async def claims(self, token: str) -> Mapping[str, Any]:
        """The verified claims, ``exp`` (seconds since 1970) among them. Raises InvalidTokenError, TemporaryError if it cannot tell now."""
        ...

    def trouble(self) -> str | None:
        """Why no token can be verified at the moment; None if they can."""
        ...


class DevelopmentIssuer:
    """Issues and verifies tokens with one Ed25519 key kept in the data directory, readable by its owner only.

    Token times are real time, never the shifted clock: moving the clock forward must not expire everyone's token.
    """

    leeway = 0

    def __init__(self, data: Path) -> None:
        self._key = _key_of(data / KEY_FILE)
        self._clock = SystemClock()

    @classmethod
    def embedded(cls, settings: ServiceSettings) -> DevelopmentIssuer:
        """The issuer of the embedded mode. Raises NotForProductionError in distributed mode."""
        if settings.distributed:
            raise NotForProductionError(
                "开发令牌仅用于嵌入模式：分布模式须设置 SLUICEGATE_OIDC_ISSUER"
                " / the development issuer does not start in distributed mode: set SLUICEGATE_OIDC_ISSUER"
            )
        return cls(settings.data)

    def token(
        self,
        sub: str,
        *,
        roles: list[str],
        name: str = "",
        townships: list[str] | None = None,
        unit: str | None = None,
        ttl: int = 12 * 3600,
    ) -> str:
        """A signed token for ``ttl`` seconds."""
        who = {"sub": sub, "name": name or sub, "roles": roles, "townships": townships or [], "unit": unit}
        claims = claims_of(DEVELOPMENT_ISSUER, who, self._clock, ttl)
        return jwt.encode({"alg": ALGORITHM, "typ": "JWT"}, claims, self._key, algorithms=[ALGORITHM])

    def trouble(self) -> str | None:
        return None

    async def claims(self, token: str) -> Mapping[str, Any]:
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError) as error:
            raise InvalidTokenError("the signature does not hold") from error
        if claims.get("iss") != DEVELOPMENT_ISSUER or claims.get("aud") != AUDIENCE:
            raise InvalidTokenError("the token is not for this system")
        if not isinstance(claims.get("exp"), int):
            raise InvalidTokenError("the token has no end")
        return claims


def claims_of(issuer: str, who: Mapping[str, Any], clock: Clock, ttl: int) -> dict[str, Any]:
    """The claims of a token for ``ttl`` seconds; ``who``: those of api.md section 3."""
    now = int(clock.now().timestamp())
    return {"iss": issuer, "aud": AUDIENCE, "iat": now, "exp": now + ttl, **who}


def _key_of(path: Path) -> OKPKey:
    return OKPKey.import_key(keyfile.kept(path, lambda: OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True)))
