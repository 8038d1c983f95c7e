"""The HTTP application of one service: its routes behind the edge, its API page, its health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from chassis.health import health_routes
from chassis.http import Edge, Limits
from chassis.moved_clock import titled
from chassis.problems.answers import answer_every_failure
from chassis.problems.document import PROBLEM_RESPONSES, describe_problems
from chassis.routing import add_flat, bulk_calls

if TYPE_CHECKING:
    from chassis.service import Service


def application(service: Service) -> FastAPI:
    """``app.state`` carries ``service``, ``gatekeeper``, and ``waiting_for``: why it has not started yet (zh / en).

    The API page needs nothing from outside: it must open in a closed network.
    """
    base = f"/{service.path}"
    plan, settings = service.plan, service.settings
    app = FastAPIOffline(
        title=titled(f"水闸 Sluicegate · {plan.title_zh} / {plan.title_en}", settings),
        version="1",
        openapi_url=f"{base}/openapi.json",
        docs_url=f"{base}/docs",
        redoc_url=None,
        static_url=f"{base}/docs-files",
        swagger_ui_oauth2_redirect_url=f"{base}/docs/oauth2-redirect",
        swagger_ui_parameters={"persistAuthorization": True, "displayRequestDuration": True},
        strict_content_type=False,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.gatekeeper = service.gatekeeper
    app.state.waiting_for = None
    answer_every_failure(app)
    for router in plan.routers:
        add_flat(app, router, PROBLEM_RESPONSES)
    add_flat(app, health_routes(service), {})
    app.add_middleware(
        Edge,
        service=service.path,
        limits=Limits(settings.body_limit, settings.bulk_body_limit, bulk_calls(app)),
        observe=service.metrics.request,
    )
    describe_problems(app)
    return app
