"""Tokens of any OpenID Connect provider: verified here, with the provider's published keys (``chassis/issuer_keys.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from joserfc import jwt
from joserfc.errors import ExpiredTokenError as EndedError
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode
from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.clock import Clock, SystemClock
from chassis.issuer_keys import IssuerKeys, Source
from chassis.settings import PREFIX, Seconds
from chassis.tokens import AUDIENCE, DEVELOPMENT_ISSUER, ExpiredTokenError, InvalidTokenError

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Asymmetric ones only: with a shared secret whoever can verify a token can make one."""

CACHE_FILE = "issuer-keys.json"


def _an_issuer(value: str) -> str:
    if value == DEVELOPMENT_ISSUER:
        raise ValueError("the development issuer does not run in distributed mode")
    return value


class OidcSettings(BaseSettings):
    """``SLUICEGATE_OIDC_*``. A claim's name may be a path: ``realm_access.roles``."""

    model_config = SettingsConfigDict(env_prefix=f"{PREFIX}OIDC_", env_ignore_empty=True, extra="ignore", frozen=True)

    issuer: Annotated[str, AfterValidator(_an_issuer)] | None = Field(
        None, description="身份提供方（iss），分布模式必填 / the OpenID Connect issuer, needed in distributed mode"
    )
    audience: str = Field(AUDIENCE, min_length=1, description="令牌须指明的受众（aud）/ the audience a token must name")
    jwks_uri: str | None = Field(None, description="公钥集地址；不设则由 issuer 自动发现 / address of its keys; default: by discovery")
    allow_http: bool = Field(False, description="允许不加密地读取公钥，仅供试用 / permits http for these addresses: for trying only")
    algorithms: tuple[Algorithm, ...] = Field(
        ("RS256", "ES256", "EdDSA", "Ed25519"), min_length=1, description="接受的签名算法，JSON 列表 / algorithms accepted, a JSON list"
    )
    leeway: int = Field(60, ge=0, le=300, description="容许的时钟误差（秒）/ seconds by which clocks may differ")
    roles_claim: str = Field("roles", min_length=1, description="角色所在的声明 / the claim that lists roles")
    townships_claim: str = Field("townships", min_length=1, description="镇街代码所在的声明 / the claim that lists townships")
    unit_claim: str = Field("unit", min_length=1, description="单位代码所在的声明 / the claim that names the unit")
    keys_refresh: Seconds = Field(300.0, description="重新读取公钥的间隔（秒）/ seconds between two looks at the issuer's keys")
    keys_max_age: Seconds = Field(
        86400.0, description="身份提供方不可达时公钥副本可用的秒数 / seconds a copy of its keys is used while the issuer is away"
    )


class OidcVerifier:
    """A ``Verifier``. ``start`` begins to keep the keys fresh; without it they are fetched when a token needs them.

    ``data``: where a copy of the keys is kept, so that a restart while the issuer is away changes nothing.
    """

    def __init__(self, settings: OidcSettings, data: Path, clock: Clock | None = None) -> None:
        if settings.issuer is None:
            raise ValueError("an issuer is needed")
        self.leeway = settings.leeway
        self._settings = settings
        self._issuer = settings.issuer
        self._clock = clock or SystemClock()
        self._registry = _Registry(algorithms=settings.algorithms, strict_check_header=False)
        source = Source(settings.issuer, settings.jwks_uri, settings.allow_http, settings.keys_refresh, settings.keys_max_age)
        self.keys = IssuerKeys(source, data / CACHE_FILE, self._clock)

    async def start(self) -> None:
        """Fetch the keys, or take the kept copy if the issuer is away; then look again from time to time."""
        await self.keys.start()

    async def close(self) -> None:
        await self.keys.close()

    def trouble(self) -> str | None:
        return self.keys.trouble()

    async def claims(self, token: str) -> Mapping[str, Any]:
        """Raises InvalidTokenError; TemporaryError when the issuer is away and there is no key to decide with."""
        key = await self.keys.find(self._key_id(token))
        try:
            claims = jwt.decode(token, key, registry=self._registry).claims
            self._rules().validate(claims)
        except EndedError as error:
            raise ExpiredTokenError("the token has ended") from error
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidTokenError(f"the token does not hold: {type(error).__name__}") from error
        settings = self._settings
        return {
            "sub": claims["sub"],
            "exp": claims["exp"],
            "name": claims.get("name") or claims.get("preferred_username") or "",
            "roles": _names(_at(claims, settings.roles_claim)),
            "townships": _names(_at(claims, settings.townships_claim)),
            "unit": _at(claims, settings.unit_claim),
        }

    def _key_id(self, token: str) -> str | None:
        """The key the token says it is signed with. What is not signed with an accepted algorithm never causes a look-up."""
        try:
            header = orjson.loads(urlsafe_b64decode(token.partition(".")[0].encode()))
            if token.count(".") == 2 and header["alg"] in self._settings.algorithms:
                key_id = header.get("kid")
                return key_id if key_id is None else str(key_id)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidTokenError("this is no signed token") from error
        raise InvalidTokenError("its algorithm is not accepted")

    def _rules(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=self.leeway,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._settings.audience},
            sub={"essential": True},
            exp={"essential": True},
        )


class _Registry(JWSRegistry):
    """The accepted algorithms and no others, without the library's warning about the older name of Ed25519."""

    def get_alg(self, name: str) -> Any:
        if self.allowed is None or name not in self.allowed:
            raise UnsupportedAlgorithmError(f"algorithm {name} is not accepted")
        return self.algorithms[name]


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, else by the parts of its name."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _names(value: Any) -> Any:
    """Some providers write a list as words in one text."""
    return value.split() if isinstance(value, str) else value


__all__ = ["CACHE_FILE", "OidcSettings", "OidcVerifier"]
