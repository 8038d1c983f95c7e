"""A real OpenID Connect issuer on the loopback: its keys can be changed, and it can be away."""

from __future__ import annotations

import base64
import hmac
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from chassis.clock import SystemClock

MADE = {"RS256": (RSAKey, 2048), "ES256": (ECKey, "P-256"), "EdDSA": (OKPKey, "Ed25519"), "Ed25519": (OKPKey, "Ed25519")}


def a_key(algorithm: str, kid: str) -> Key:
    kind, size = MADE[algorithm]
    return kind.generate_key(size, {"kid": kid, "use": "sig"})  # type: ignore[attr-defined,no-any-return]


class Issuer:
    """``with Issuer() as issuer:`` ``asked`` counts the calls for each path. ``stop`` and ``run`` may be repeated: the address stays."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self.algorithm = algorithm
        self.key = a_key(algorithm, "first")
        self.published: list[dict[str, Any]] = [self.key.as_dict(private=False)]
        self.asked: Counter[str] = Counter()
        self.delay = 0.0
        self.says: str | None = None
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self.run()

    def __enter__(self) -> Issuer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def run(self) -> None:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked[self.path] += 1
                threading.Event().wait(issuer.delay)
                documents: dict[str, Any] = {
                    "/.well-known/openid-configuration": {"issuer": issuer.says or issuer.url, "jwks_uri": f"{issuer.url}/keys"},
                    "/keys": {"keys": issuer.published},
                }
                self.send_response(200 if self.path in documents else 404)
                self.end_headers()
                self.wfile.write(orjson.dumps(documents.get(self.path)))

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def rotate(self, kid: str, *, keep: bool = True) -> None:
        """Sign with a new key from now on; ``keep``: the old one is still published."""
        self.key = a_key(self.algorithm, kid)
        self.published = [*(self.published if keep else []), self.key.as_dict(private=False)]

    def claims(self, **over: Any) -> dict[str, Any]:
        now = int(SystemClock().now().timestamp())
        return {"iss": self.url, "aud": "sluicegate", "sub": "u-1", "name": "张三", "iat": now, "exp": now + 600} | {
            "roles": ["clerk"],
            "townships": ["330282112"],
            "unit": "AMR",
            **over,
        }

    def token(self, *, key: Key | None = None, kid: str | None = None, **over: Any) -> str:
        claims = {name: value for name, value in self.claims(**over).items() if value is not None}
        header = {"alg": self.algorithm, "kid": kid or (key or self.key).kid}
        return jwt.encode(header, claims, key or self.key, algorithms=[self.algorithm])

    def signed_with_the_public_key(self) -> str:
        """The classic forgery: what everybody may read, used as a shared secret."""
        public = self.key.as_pem(private=False)  # type: ignore[union-attr]
        signed = f"{_part({'alg': 'HS256', 'kid': self.key.kid})}.{_part(self.claims())}"
        return f"{signed}.{_unpadded(hmac.digest(public, signed.encode(), 'sha256'))}"

    def unsigned(self) -> str:
        return f"{_part({'alg': 'none', 'kid': self.key.kid})}.{_part(self.claims())}."


def _part(value: dict[str, Any]) -> str:
    return _unpadded(orjson.dumps(value))


def _unpadded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
