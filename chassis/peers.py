"""Calls from one service to another, in the name of the caller who waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from chassis.http import CORRELATION_HEADER
from contracts.values import dataclass

Model = TypeVar("Model", bound=BaseModel)


class PeerUnreachable(Exception):  # noqa: N818 - says what it is
    """No answer, or none that can be used: nothing may be allowed on it."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The way to other services. ``client``: None where none is set up; ``headers``: those of the call that is answered."""

    client: httpx.AsyncClient | None
    headers: Mapping[str, str]
    correlation_id: str

    @classmethod
    def of(cls, request: Request) -> Self:
        """For what is asked while ``request`` waits."""
        return cls(request.app.state.peers, request.headers, request.state.correlation_id)

    async def ask(self, path: str, body: Mapping[str, Any], within: Any = httpx.USE_CLIENT_DEFAULT) -> httpx.Response:
        """The answer to a POST, within so many seconds. Raises PeerUnreachable, also for anything but 2xx."""
        if self.client is None:
            raise PeerUnreachable("no way to other services is set up")
        passed_on = {CORRELATION_HEADER: self.correlation_id, "Authorization": self.headers.get("authorization", "")}
        try:
            response = await self.client.post(path, json=dict(body), headers=passed_on, timeout=within)
            return response.raise_for_status()
        except httpx.HTTPError as error:
            raise PeerUnreachable(type(error).__name__) from error

    async def ask_for(self, model: type[Model], path: str, body: Mapping[str, Any], within: float) -> Model:
        """As ``ask``, the answer read as ``model``. Raises PeerUnreachable, also for one that does not fit it."""
        response = await self.ask(path, body, within)
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            raise PeerUnreachable(type(error).__name__) from error
