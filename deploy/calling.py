"""How a command calls the running system: where it is, in whose name, and what it says when there is no answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from chassis.settings import ServiceSettings
from chassis.tokens import DevelopmentIssuer, NotForProductionError
from contracts.vocabulary import Role, Unit
from deploy.configuration import read_settings, stop

NDJSON = "application/x-ndjson"
HERE = "http://127.0.0.1:8080"

Url = Annotated[str, typer.Option("--url", help="运行中的系统地址 / address of the running system")]
TokenFile = Annotated[
    Path | None,
    typer.Option("--token-file", exists=True, dir_okay=False, help="调用者令牌文件，分布模式必填 / file with the caller's token"),
]


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]

    @property
    def detail(self) -> str:
        """What a problem says."""
        return str(self.body.get("detail", self.status))


def post(url: str, path: str, token: str, *, seconds: float, **sent: Any) -> Answer:
    """The answer, whatever it is. Without one that can be read the command ends and says so."""
    return _called("POST", url, path, token, seconds, sent)


def get(url: str, path: str, token: str, *, seconds: float, **asked: Any) -> Answer:
    """As ``post``."""
    return _called("GET", url, path, token, seconds, {"params": asked})


def _called(verb: str, url: str, path: str, token: str, seconds: float, sent: dict[str, Any]) -> Answer:
    import httpx

    headers = {"Authorization": f"Bearer {token}", **sent.pop("headers", {})}
    try:
        answer = httpx.request(verb, url + path, headers=headers, timeout=seconds, **sent)
        return Answer(answer.status_code, answer.json())
    except (httpx.HTTPError, ValueError) as error:
        stop(f"{url} 没有应答，请先运行 sluicegate up / no answer from {url}: run sluicegate up first ({error})")


def lines(url: str, path: str, token: str, *, seconds: float, **sent: Any) -> Iterator[Answer]:
    """The lines of an answer in NDJSON as they come, or the one answer that is none. ``seconds``: the longest wait for a line."""
    import httpx

    headers = {"Authorization": f"Bearer {token}", "Accept": NDJSON}
    try:
        with httpx.stream("POST", url + path, headers=headers, timeout=seconds, **sent) as answer:
            if answer.status_code != 200:
                answer.read()
                yield Answer(answer.status_code, answer.json())
                return
            for line in answer.iter_lines():
                body = json.loads(line)
                yield Answer(body.get("status", 200), body)
    except (httpx.HTTPError, ValueError) as error:
        stop(f"{url} 没有应答，请先运行 sluicegate up / no answer from {url}: run sluicegate up first ({error})")


def token_of(file: Path | None, data: Path | None, sub: str, role: Role, unit: Unit | None = None) -> str:
    """That of the file, else one of the development issuer: embedded, whoever may read the data directory may be anyone."""
    if file is not None:
        return file.read_text(encoding="ascii").strip()
    try:
        issuer = DevelopmentIssuer.embedded(read_settings(data, ServiceSettings))
    except NotForProductionError as error:
        stop(f"{error}；请用 --token-file / use --token-file")
    return issuer.token(sub, roles=[role], unit=unit)
