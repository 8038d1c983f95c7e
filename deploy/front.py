"""The root of the embedded system: landing page, health of all services, one API page over all of them."""

from __future__ import annotations

import json
import shlex
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import HTMLResponse, Response

from chassis.health import metrics_text, report
from chassis.http import Edge, Limits
from chassis.metrics import Metrics
from chassis.moved_clock import moved_clock, offset_of, titled
from chassis.problems.answers import answer_every_failure
from chassis.settings import ServiceSettings

if TYPE_CHECKING:
    from deploy.local import System

PAGE = Template((Path(__file__).parent / "landing.html").read_text(encoding="utf-8"))


def front(system: System) -> FastAPI:
    """Everything that belongs to no single service."""
    app = FastAPIOffline(
        title=titled("水闸 Sluicegate", system.settings),
        version="1",
        openapi_url="/openapi.json",
        docs_url="/docs",
        redoc_url=None,
        static_url="/docs-files",
        swagger_ui_parameters={"persistAuthorization": True, "displayRequestDuration": True, "docExpansion": "none"},
        redirect_slashes=False,
    )
    settings = system.settings
    app.add_middleware(
        Edge, service="front", limits=Limits(settings.body_limit, settings.bulk_body_limit), observe=Metrics("front").request
    )
    answer_every_failure(app)
    app.openapi = lambda: _merged(system)  # type: ignore[method-assign]

    @app.get("/", include_in_schema=False)
    async def landing() -> Response:
        return HTMLResponse(_page(system, report(await system.readiness(), offset_of(system.settings))[1]))

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        return Response(orjson.dumps({"status": "alive", "service": "sluicegate"}), media_type="application/json")

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        status, body = report(await system.readiness(), offset_of(system.settings))
        return Response(orjson.dumps(body), status, media_type="application/json")

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(await metrics_text(list(system.services.values())), media_type=CONTENT_TYPE_LATEST)

    return app


def _merged(system: System) -> dict[str, Any]:
    """One OpenAPI document. Names of schemas are qualified by their service: two services may use the same name."""
    merged: dict[str, Any] = {"openapi": "3.1.0", "paths": {}, "components": {}}
    merged["info"] = {"title": titled("水闸 Sluicegate", system.settings), "version": "1"}
    for service in system.services.values():
        name = f"{service.plan.title_zh} / {service.plan.title_en}"
        text = json.dumps(service.app.openapi()).replace("#/components/schemas/", f"#/components/schemas/{service.path}.")
        document = json.loads(text)
        for path, calls in document["paths"].items():
            merged["paths"][path] = {verb: call | {"tags": [name]} for verb, call in calls.items()}
        for kind, components in document.get("components", {}).items():
            prefix = f"{service.path}." if kind == "schemas" else ""
            merged["components"].setdefault(kind, {}).update({prefix + key: value for key, value in components.items()})
    return merged


def _page(system: System, state: dict[str, Any]) -> str:
    rows = []
    for service in system.services.values():
        ready = state["services"][service.path]["status"] == "ready"
        word = '<span class="ready">就绪 ready</span>' if ready else '<span class="not">未就绪 not ready</span>'
        rows.append(
            f'<tr><td><a href="/{service.path}/docs">{escape(service.plan.title_zh)}'
            f"<br><small>{escape(service.plan.title_en)}</small></a></td>"
            f'<td><code>/{service.path}/v1</code></td><td>{word}</td><td><a href="/{service.path}/readyz">readyz</a></td></tr>'
        )
    moved = moved_clock(system.settings)
    clock = "" if moved is None else f'<p class="clock">{escape(moved.zh)}<br>{escape(moved.en)}</p>'
    data = system.settings.data
    option = "" if data == ServiceSettings.model_fields["data"].default else f" --data {shlex.quote(str(data))}"
    return PAGE.substitute(rows="\n".join(rows), clock=clock, data=escape(str(data)), option=escape(option))
