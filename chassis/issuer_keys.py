"""The published keys of an OpenID Connect issuer: fetched, kept on disk, fetched again when a token names a key not yet known."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from chassis.clock import Clock, rfc3339
from chassis.errors import TemporaryError
from chassis.tokens import DISCOVERY, InvalidTokenError
from contracts.values import dataclass

FETCH_SECONDS = 5.0
LEAST_PAUSE = 10.0
"""Seconds between two fetches, whoever asks: tokens with made-up key ids must not turn into load for the issuer."""
MOST_BYTES = 1024 * 1024
KINDS: Mapping[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
"""Public keys only: a shared secret proves nothing about who signed."""

_log = structlog.get_logger("oidc")


class Source(NamedTuple):
    """Where keys come from. ``refresh`` and ``max_age`` in seconds: when to look again, how long a copy may stand in."""

    issuer: str
    jwks_uri: str | None
    allow_http: bool
    refresh: float
    max_age: float


@dataclass(frozen=True, slots=True)
class _Copy:
    """Keys as they were at ``fetched_at``."""

    keys: Mapping[str | None, Key]
    fetched_at: datetime


class IssuerKeys:
    """Belongs to one event loop. Never blocks it: fetching is asynchronous, and all who wait share one fetch."""

    def __init__(self, source: Source, file: Path, clock: Clock) -> None:
        self._source = source
        self._file = file
        self._clock = clock
        self._copy: _Copy | None = None
        self._failure: str | None = None
        self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._http: httpx.AsyncClient | None = None

    async def start(self) -> None:
        """The keys of the issuer, else the copy kept on disk; then look again every ``refresh`` seconds."""
        self._recall()
        await self._refresh()
        self._keeping = asyncio.create_task(self._keep_fresh(), name="issuer keys")

    async def close(self) -> None:
        tasks = [task for task in (self._keeping, self._fetching) if task is not None]
        self._keeping = self._fetching = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def find(self, key_id: str | None) -> Key:
        """The key of that id; the only one there is for a token that names none. Raises InvalidTokenError if the issuer has no such key,
        TemporaryError if it cannot be asked."""
        found = self._known(key_id)
        if found is None:
            await self._refresh()
            found = self._known(key_id)
        if found is not None:
            return found
        if self._failure is not None or self._usable() is None:
            raise TemporaryError(f"the issuer's keys cannot be read: {self._failure or 'too old'}", delay=LEAST_PAUSE)
        raise InvalidTokenError("the issuer has no such key")

    def trouble(self) -> str | None:
        """Why no token can be verified now; None if there are keys."""
        return None if self._usable() is not None else self._failure or "no keys have been read yet"

    def _known(self, key_id: str | None) -> Key | None:
        copy = self._usable()
        if copy is None:
            return None
        if key_id is None and len(copy.keys) == 1:
            return next(iter(copy.keys.values()))
        return copy.keys.get(key_id)

    def _usable(self) -> _Copy | None:
        """The copy, unless it is too old to be trusted."""
        if self._copy is None or (self._clock.now() - self._copy.fetched_at).total_seconds() > self._source.max_age:
            return None
        return self._copy

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(self._source.refresh if self._failure is None else min(self._source.refresh, LEAST_PAUSE))
            await self._refresh()

    async def _refresh(self) -> None:
        """Fetch, unless that was tried a moment ago. A caller that is cancelled leaves the fetch to the others."""
        if self._fetching is None:
            if asyncio.get_running_loop().time() < self._tried_at + LEAST_PAUSE:
                return
            self._fetching = asyncio.create_task(self._fetch(), name="fetch issuer keys")
        await asyncio.shield(self._fetching)

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                document = await self._get(await self._address())
            self._copy = _Copy(_keys_in(document), self._clock.now())
            self._failure = None
            await asyncio.to_thread(self._keep, document, self._copy.fetched_at)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, TypeError) as error:
            self._failure = f"{type(error).__name__}: {error}"
            _log.warning("the issuer's keys cannot be read", reason=self._failure, issuer=self._source.issuer)
        finally:
            self._tried_at = asyncio.get_running_loop().time()
            self._fetching = None

    async def _address(self) -> str:
        if self._source.jwks_uri is not None:
            return self._source.jwks_uri
        found = await self._get(self._source.issuer.rstrip("/") + DISCOVERY)
        if found.get("issuer") != self._source.issuer:
            raise ValueError(f"the document there is of another issuer: {found.get('issuer')}")
        return str(found.get("jwks_uri"))

    async def _get(self, url: str) -> Mapping[str, Any]:
        if urlsplit(url).scheme != "https" and not (self._source.allow_http and urlsplit(url).scheme == "http"):
            raise ValueError(f"keys are read over https only: {url}")
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=FETCH_SECONDS)
        answer = await self._http.get(url, headers={"Accept": "application/json"})
        document = orjson.loads(answer.raise_for_status().content[:MOST_BYTES])
        if not isinstance(document, dict):
            raise ValueError(f"no JSON object at {url}")
        return document

    def _keep(self, document: Mapping[str, Any], fetched_at: datetime) -> None:
        """Write the copy. That it cannot be written is no reason to refuse tokens."""
        kept = {"issuer": self._source.issuer, "fetched_at": rfc3339(fetched_at), "jwks": document}
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._file.parent, prefix=f".{self._file.name}.", delete=False) as draft:
                draft.write(orjson.dumps(kept))
            Path(draft.name).replace(self._file)  # whole or not at all, whoever else writes it too
        except OSError as error:
            _log.warning("no copy of the issuer's keys is kept", reason=str(error))

    def _recall(self) -> None:
        """Read the copy, if it is of this issuer."""
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            kept = orjson.loads(self._file.read_bytes())
            if kept["issuer"] == self._source.issuer:
                self._copy = _Copy(_keys_in(kept["jwks"]), datetime.fromisoformat(kept["fetched_at"]))


def _keys_in(document: Mapping[str, Any]) -> Mapping[str | None, Key]:
    """The public keys for signatures, by id; others are passed over. Raises ValueError if there is none."""
    found: dict[str | None, Key] = {}
    for each in document.get("keys") or ():
        with suppress(JoseError, ValueError, TypeError, KeyError, AttributeError):
            if each.get("use", "sig") == "sig" and each["kty"] in KINDS:
                key = KINDS[each["kty"]].import_key(each)
                found[key.kid] = key
    if not found:
        raise ValueError("there is no key for signatures")
    return found
