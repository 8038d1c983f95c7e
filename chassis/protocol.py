"""What is no HTTP at all is refused like any other bad input."""

from __future__ import annotations

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from chassis.http import CORRELATION_HEADER
from chassis.identifiers import new_id
from chassis.problems import MEDIA_TYPE, Problem


class Protocol(HttpToolsProtocol):
    """Uvicorn's protocol, with problem+json where it answers plain text. The usual cause: Chinese typed into an address as it is."""

    def send_400_response(self, msg: str) -> None:
        zh = "请求不符合 HTTP 规范；地址中的汉字须作百分号编码，例如 curl -G --data-urlencode"
        en = "this is no valid HTTP: characters beyond ASCII in an address must be percent-encoded, as curl -G --data-urlencode does"
        body = orjson.dumps(Problem(400, "invalid-http", zh, en).body())
        headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), CORRELATION_HEADER: new_id(), "connection": "close"}
        lines = [f"{name}: {value}\r\n".encode() for name, value in headers.items()]
        self.transport.write(b"".join([STATUS_LINE[400], *lines, b"\r\n", body]))
        self.transport.close()
