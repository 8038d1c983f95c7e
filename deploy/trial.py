"""A small OpenID Connect issuer for trying the distributed mode: publishes one key, and whoever can read its file can be anyone.

``python -m deploy.trial FILE --url http://issuer:9000`` makes the key on first use and answers on that address.
"""

from __future__ import annotations

import signal
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis import keyfile
from chassis.clock import SystemClock
from chassis.tokens import DISCOVERY, claims_of

ALGORITHM = "ES256"
JWKS = "/jwks.json"


class TrialIssuer:
    """The issuer whose address and key are in ``file``. ``TrialIssuer.made(file, url)`` makes the file if it is absent."""

    def __init__(self, file: Path) -> None:
        kept = orjson.loads(file.read_bytes())
        self.url: str = kept["issuer"]
        self._key = ECKey.import_key(kept["key"])
        self._clock = SystemClock()

    @classmethod
    def made(cls, file: Path, url: str) -> TrialIssuer:
        keyfile.kept(file, lambda: {"issuer": url, "key": ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True)})
        return cls(file)

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
        """A signed token for ``ttl`` seconds, as ``DevelopmentIssuer.token``."""
        who = {"sub": sub, "name": name or sub, "roles": roles, "townships": townships or [], "unit": unit}
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        return jwt.encode(header, claims_of(self.url, who, self._clock, ttl), self._key, algorithms=[ALGORITHM])

    def published(self, path: str) -> dict[str, Any] | None:
        """The document at that path."""
        if path == DISCOVERY:
            return {"issuer": self.url, "jwks_uri": self.url.rstrip("/") + JWKS, "id_token_signing_alg_values_supported": [ALGORITHM]}
        return {"keys": [self._key.as_dict(private=False, use="sig", alg=ALGORITHM)]} if path == JWKS else None


def answering(issuer: TrialIssuer, host: str, port: int) -> ThreadingHTTPServer:
    """A server of the two documents, not yet running."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = issuer.published(self.path)
            self.send_response(200 if document else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(orjson.dumps(document))

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    return ThreadingHTTPServer((host, port), Handler)


def main(
    file: Annotated[Path, typer.Argument(help="密钥文件，首次使用时生成 / the key file, made on first use")],
    url: Annotated[str, typer.Option(help="对外地址，即令牌中的 iss / its address as others see it, the iss of its tokens")],
    host: Annotated[str, typer.Option(help="监听地址 / address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口 / port")] = 9000,
) -> None:
    """仅供试用的身份提供方。/ An issuer for trying only."""
    server = answering(TrialIssuer.made(file, url), host, port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"READY {url}", flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    typer.run(main)
