"""All routes of a service in one flat list.

FastAPI keeps routers inside routers and asks each of them for every request; in one list a request is matched at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

KEPT = (
    "response_model",
    "status_code",
    "summary",
    "description",
    "response_description",
    "deprecated",
    "methods",
    "operation_id",
    "include_in_schema",
    "response_class",
    "name",
    "openapi_extra",
)


BULK = (":batch", ":import")
"""How the calls end that take a large body."""


def bulk_calls(app: FastAPI) -> frozenset[tuple[str, str]]:
    """Method and path of every such call there is."""
    calls = (route for route in app.routes if isinstance(route, APIRoute) and route.path.endswith(BULK))
    return frozenset((method, route.path) for route in calls for method in route.methods or ())


def add_flat(app: FastAPI, router: APIRouter, responses: dict[int | str, dict[str, Any]]) -> None:
    """Add every route of ``router`` and of the routers in it to ``app``, with what their routers say about them."""
    for path, route, tags, dependencies in _routes(router.routes, "", [], []):
        app.router.add_api_route(
            path,
            route.endpoint,
            tags=tags + list(route.tags),
            dependencies=dependencies + list(route.dependencies),
            responses=responses | dict(route.responses),
            **{name: getattr(route, name) for name in KEPT},
        )


def _routes(
    routes: Sequence[BaseRoute], prefix: str, tags: list[Any], dependencies: list[Any]
) -> Iterator[tuple[str, APIRoute, list[Any], list[Any]]]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield prefix + route.path, route, tags, dependencies
            continue
        inner: Any = getattr(route, "include_context", None)
        if inner is None:
            raise TypeError(f"a router holds endpoints and routers, not {route!r}")
        yield from _routes(inner.included_router.routes, prefix + inner.prefix, tags + inner.tags, dependencies + inner.dependencies)
