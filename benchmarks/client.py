"""A lean HTTP client: the load must not cost more than what it measures."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson


class Connection:
    """One kept-alive connection with one token. Not for two tasks at once."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"

    async def __aenter__(self) -> Connection:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**26)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body of the answer."""
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        status = int(lines[0].split(b" ", 2)[1])
        headers = dict(line.split(b": ", 1) for line in lines[1:] if line)
        if headers.get(b"transfer-encoding") == b"chunked":
            return status, await self._chunks()
        return status, await self._reader.readexactly(int(headers.get(b"content-length", b"0")))

    async def json(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a successful answer. Raises RuntimeError for any other."""
        status, text = await self.call(method, path, b"" if body is None else orjson.dumps(body))
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path}: {status} {text[:500]!r}")
        return orjson.loads(text) if text else None

    async def _chunks(self) -> bytes:
        pieces = []
        while size := int(await self._reader.readline(), 16):
            pieces.append(await self._reader.readexactly(size))
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)
        return b"".join(pieces)
