"""Lists: ``{"items", "next_cursor"}`` with opaque keyset cursors."""
# No postponed annotations here: FastAPI reads those of Page's constructor, and a class has no globals to resolve names in.

import base64
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, TypeVar

import orjson
from fastapi import Query

from chassis.problems import FieldError, Problem

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 500
LARGEST_INTEGER = 2**63 - 1

Row = TypeVar("Row")


class Page:
    """The page asked for: ``page: Annotated[Page, Depends()]``.

    ``after`` is the key of the last row already seen, or None for the first page. A bad cursor is 422 ``bad-cursor``.
    Read ``limit + 1`` rows with a greater key and give them to ``page_of``. Where the key is not one text: a subclass with its ``KEY``.
    """

    KEY: ClassVar[tuple[type[str] | type[int], ...]] = (str,)

    def __init__(
        self,
        cursor: Annotated[str | None, Query(description="上一页的 next_cursor / next_cursor of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    ) -> None:
        self.after = None if cursor is None else key_of_cursor(cursor, self.KEY)
        self.limit = limit


class DuePage(Page):
    """A page of deadlines: in the order of day, kind and what they are about; what has no day comes last."""

    KEY = (str, str, str)


def page_of(
    rows: Sequence[Row], limit: int, key: Callable[[Row], Sequence[Any]], item: Callable[[Row], Any] = lambda row: row
) -> dict[str, Any]:
    """One page. ``rows`` holds up to ``limit + 1`` rows: the one too many shows that there is a next page."""
    shown = rows[:limit]
    return {
        "items": [item(row) for row in shown],
        "next_cursor": cursor_of_key(key(shown[-1])) if len(rows) > limit else None,
    }


def _storable(part: Any) -> bool:
    """Whether every database takes it: no U+0000, no integer beyond 64 bits."""
    return "\0" not in part if isinstance(part, str) else abs(part) <= LARGEST_INTEGER


def cursor_of_key(key: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(key))).decode().rstrip("=")


def key_of_cursor(cursor: str, kinds: Sequence[type[str] | type[int]]) -> list[Any]:
    """The key in a cursor, of these ``kinds``. Raises the 422 problem for anything ``cursor_of_key`` did not make for such a list."""
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(key, list) or [type(part) for part in key] != list(kinds) or not all(map(_storable, key)):
            raise ValueError("not a key")
    except ValueError as error:
        zh, en = "请原样使用上一页的 next_cursor", "use next_cursor of the page before as it is"
        raise Problem(422, "bad-cursor", zh, en, [FieldError("/query/cursor", "bad-cursor", f"{zh} / {en}")]) from error
    return key
