"""Problems in the OpenAPI document of a service."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from chassis.problems.problem import MEDIA_TYPE

REFERENCE = "#/components/schemas/{model}"


class FieldError(BaseModel):
    """One field at fault."""

    pointer: str = Field(description="JSON 指针，如 /premises/parcel_code / JSON pointer into the body")
    code: str = Field(description="稳定的代码 / stable slug")
    message: str = Field(description="怎么办，中文 / what to do, English")


class Problem(BaseModel):
    """RFC 9457 application/problem+json."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str = Field(description="中文 / English")
    code: str = Field(description="稳定的代码 / stable slug")
    errors: list[FieldError] = Field(default=[], description="哪些字段有误 / the fields at fault")


def _answer(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}}}


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    422: _answer("输入有误，见 errors / bad input, see errors"),
    "4XX": _answer("未能办理，见 code / refused, see code"),
    "5XX": _answer("暂时无法办理 / not possible now"),
}


def describe_problems(app: FastAPI) -> None:
    """Add the schemas that ``PROBLEM_RESPONSES`` name to the document of ``app``."""
    generate = app.openapi

    def described() -> dict[str, Any]:
        document = generate()
        schema = Problem.model_json_schema(ref_template=REFERENCE)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(schema.pop("$defs"), Problem=schema)
        return document

    app.openapi = described  # type: ignore[method-assign]
