"""Who is calling: bearer tokens, the principal they stand for, and ``requires`` for endpoints."""
# No postponed annotations here: FastAPI reads those of a callable object, which has no globals to resolve names in.

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.security.base import SecurityBase

from chassis.clock import SystemClock
from chassis.problems import Problem
from chassis.tokens import DevelopmentIssuer, ExpiredTokenError, InvalidTokenError, Verifier
from contracts.values import dataclass

__all__ = ["DevelopmentIssuer", "Gatekeeper", "Principal", "requires"]

CACHED_TOKENS = 4096
REMEMBERED_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller, from the token's claims. ``unit`` is a department code, ``townships`` are township codes."""

    sub: str
    name: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    townships: frozenset[str] = field(default_factory=frozenset)
    unit: str | None = None

    def has(self, *roles: str) -> bool:
        """True if the caller has at least one of ``roles``."""
        return not self.roles.isdisjoint(roles)

    @classmethod
    def of_claims(cls, claims: Mapping[str, Any]) -> "Principal":
        """Raises KeyError, TypeError or ValueError for claims of another shape."""
        unit = claims.get("unit")
        return cls(
            sub=str(claims["sub"]),
            name=str(claims.get("name") or ""),
            roles=_names(claims.get("roles")),
            townships=_names(claims.get("townships")),
            unit=None if unit is None else str(unit),
        )


def _names(value: Any) -> frozenset[str]:
    if value is None:
        return frozenset()
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError("a list of names is expected")
    return frozenset(value)


class _Known(NamedTuple):
    """A verified token: whose, when it ends, and when it is verified anew."""

    principal: Principal
    ends_at: float
    verify_at: float


class Gatekeeper:
    """Verifies each token once and remembers it until it ends, at most for five minutes: a key that was withdrawn must stop counting."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._clock = SystemClock()
        self._known: dict[str, _Known] = {}

    async def principal(self, authorization: str | None) -> Principal:
        """The caller of an ``Authorization`` header. Raises the 401 problem, or TemporaryError if nobody can be verified now."""
        if not authorization:
            raise unauthenticated("请在 Authorization 头中提供令牌", "send a token: Authorization: Bearer …")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthenticated("Authorization 头应为 Bearer 令牌", "the Authorization header must be: Bearer <token>")
        known = self._known.get(token)
        if known is None or known.verify_at <= self._seconds():
            known = await self._verified(token)
        if known.ends_at <= self._seconds():
            self._known.pop(token, None)
            raise expired()
        return known.principal

    async def _verified(self, token: str) -> "_Known":
        self._known.pop(token, None)
        try:
            claims = await self._verifier.claims(token)
            ends_at = float(claims["exp"]) + self._verifier.leeway
            found = _Known(Principal.of_claims(claims), ends_at, min(ends_at, self._seconds() + REMEMBERED_SECONDS))
        except ExpiredTokenError as error:
            raise expired() from error
        except (InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise unauthenticated("令牌无效", "the token is not valid here", error="invalid_token") from error
        if len(self._known) >= CACHED_TOKENS:
            self._known.pop(next(iter(self._known)))
        self._known[token] = found
        return found

    def _seconds(self) -> float:
        return self._clock.now().timestamp()


def unauthenticated(detail_zh: str, detail_en: str, error: str | None = None) -> Problem:
    challenge = 'Bearer realm="sluicegate"' + (f', error="{error}"' if error else "")
    return Problem(401, "unauthenticated", detail_zh, detail_en, headers={"WWW-Authenticate": challenge})


def expired() -> Problem:
    return unauthenticated("令牌已过期，请重新获取", "the token has expired: get a new one", error="invalid_token")


class Requires(SecurityBase):
    """The dependency ``requires`` makes. A security scheme too, so that the API page offers to enter a token."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        self.model = BearerModel(bearerFormat="JWT", description="sluicegate token --role …")
        self.scheme_name = "token"
        self._roles = roles

    async def __call__(self, request: Request) -> Principal:
        gatekeeper: Gatekeeper = request.app.state.gatekeeper
        principal = await gatekeeper.principal(request.headers.get("authorization"))
        if self._roles:
            with_one_of(self._roles, principal)
        request.state.principal = principal
        return principal


def with_one_of(roles: Sequence[str], principal: Principal) -> Principal:
    """The principal; raises 403 where it has none of the roles."""
    if not principal.has(*roles):
        named = ", ".join(roles)
        raise Problem(403, "forbidden", f"需要下列角色之一：{named}", f"one of these roles is needed: {named}")
    return principal


def requires(*roles: str) -> Requires:
    """``Depends(requires("clerk", "integrator"))``: 401 without a valid token, 403 with none of the roles; no roles: any valid token."""
    return Requires(roles)
