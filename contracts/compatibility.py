"""Tells whether a new JSON Schema of an event still fits its readers and the events already stored.

Breaking: a field removed, renamed, retyped, made required or no longer required, an enum value taken away, a default or limit changed.
Fine: a new optional field, a new enum value, new words in a description.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_LIMITS = (
    "const",
    "default",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "uniqueItems",
)


def breaking_changes(published: Schema, current: Schema) -> list[str]:
    """What a reader of ``published`` cannot rely on any more in ``current``, each as ``path: what``. Empty: compatible."""
    return list(_compare(published, current, published, current, "", frozenset()))


def _compare(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str, seen: frozenset[str]) -> Iterator[str]:
    reference = old.get("$ref")
    if reference in seen:
        return
    if reference is not None:
        seen = seen | {reference}
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    if _kinds(old, old_root) != _kinds(new, new_root):
        yield f"{path or '/'}: was {_spoken(old, old_root)}, is {_spoken(new, new_root)}"
        return
    yield from (f"{path or '/'}: {limit} changed" for limit in _LIMITS if old.get(limit) != new.get(limit))
    yield from (f"{path or '/'}: value {value!r} taken away" for value in old.get("enum", ()) if value not in new.get("enum", ()))
    for step, old_part, new_part in _parts(old, new, old_root, new_root):
        yield from _compare(old_part, new_part, old_root, new_root, f"{path}/{step}" if step else path, seen)
    yield from _fields(old, new, path)


def _fields(old: Schema, new: Schema, path: str) -> Iterator[str]:
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    yield from (f"{path}/{field}: removed" for field in old_fields if field not in new_fields)
    old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
    yield from (f"{path}/{field}: is now required" for field in sorted(new_required - old_required))
    yield from (f"{path}/{field}: is no longer required" for field in sorted(old_required - new_required) if field in new_fields)


def _parts(old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[tuple[str, Schema, Schema]]:
    """The pairs of inner schemas that stand for the same thing; both sides have the same kinds."""
    for field, schema in old.get("properties", {}).items():
        if field in new.get("properties", {}):
            yield field, schema, new["properties"][field]
    for key in ("items", "additionalProperties"):
        if isinstance(old.get(key), Mapping) and isinstance(new.get(key), Mapping):
            yield "*", old[key], new[key]
    for place, (was, now) in enumerate(zip(old.get("prefixItems", ()), new.get("prefixItems", ()), strict=False)):
        yield str(place), was, now
    branches = {_kinds(branch, new_root): branch for branch in new.get("anyOf", ())}
    for branch in old.get("anyOf", ()):
        yield "", branch, branches[_kinds(branch, old_root)]


def _resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    target: Schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def _kinds(schema: Schema, root: Schema) -> frozenset[str]:
    """The JSON types a value may have; an object with fields, a map, a list and a fixed row are told apart."""
    schema = _resolved(schema, root)
    if "anyOf" in schema:
        return frozenset(kind for branch in schema["anyOf"] for kind in _kinds(branch, root))
    kind = str(schema.get("type", "anything"))
    if kind == "object" and "properties" in schema:
        kind = "object with fields"
    inner = [name for name in ("items", "additionalProperties") if isinstance(schema.get(name), Mapping)]
    length = f"[{len(schema['prefixItems'])}]" if "prefixItems" in schema else ""
    return frozenset({kind + length + "".join(f" with {name}" for name in inner)})


def _spoken(schema: Schema, root: Schema) -> str:
    return " or ".join(sorted(_kinds(schema, root)))
