"""Writes a sample of every published event that has none: ``python -m tests.contracts.make_samples``. A sample is never changed.

All optional fields are filled, every list has an entry. What was published once is read for ever: see ``test_samples.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import find
from hypothesis import strategies as st

from contracts.catalogue import STREAMS
from contracts.envelope import Event

SAMPLES = Path(__file__).parent / "samples"
FORMATS = {"date": "2026-11-25", "date-time": "2026-11-25T02:00:00Z", "uuid": "00000000-0000-4000-8000-000000000001"}
TEXT = "样例 sample"


def published() -> dict[str, type[Event]]:
    return {event.type: event for stream in STREAMS for event in stream.events}


def sample(schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    """A value that fits, with everything that may be there."""
    if "$ref" in schema:
        return sample(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return sample(next(choice for choice in choices if choice.get("type") != "null"), definitions)
    return _of_type(schema, definitions)


def _of_type(schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object":
        if "properties" not in schema:
            inner = schema.get("additionalProperties")
            return {"sample": sample(inner, definitions)} if isinstance(inner, dict) else {}
        return {name: sample(inner, definitions) for name, inner in schema["properties"].items()}
    if kind == "array":
        items = schema.get("prefixItems") or [schema.get("items", {})] * max(1, schema.get("minItems", 1))
        return [sample(item, definitions) for item in items]
    if kind == "string":
        if "pattern" in schema:
            return find(st.from_regex(schema["pattern"], fullmatch=True), lambda text: len(text) <= schema.get("maxLength", 100))
        return FORMATS.get(schema.get("format", ""), TEXT[: schema.get("maxLength", 100)])
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
    return kind == "boolean" or None


def main() -> None:
    for name, event in sorted(published().items()):
        path = SAMPLES / f"{name}.json"
        if not path.exists():
            schema = event.model_json_schema()
            body = sample(schema, schema.get("$defs", {}))
            event.model_validate(body)
            path.write_text(json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
