"""Idempotency keys: the answer is kept in the transaction of its effects, so a repeated call gets it again and does nothing.

Refusals are not kept: nothing was done, so the repeated call is judged anew. The same key may then be used for the corrected body.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta

import orjson

from chassis import tables
from chassis.clock import rfc3339
from chassis.database import Transaction
from chassis.problems import FieldError, Problem
from contracts.values import dataclass

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
PURGE_CHUNK = 1000

_PRINTABLE_ASCII = re.compile(r"[\x20-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Claim:
    """One use of a key by ``subject`` on ``path``; ``request_hash`` stands for the body."""

    subject: str
    path: str
    key: str
    request_hash: str

    @property
    def place(self) -> tuple[str, str, str]:
        """What must be unique."""
        return self.subject, self.path, self.key


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was first given."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def claim_of(key: str | None, subject: str, path: str, body: bytes) -> Claim | None:
    """The claim of a call, None without a key. Raises 422 for a key that is not 1 to 255 printable ASCII characters."""
    if key is None:
        return None
    if not _PRINTABLE_ASCII.fullmatch(key):
        zh, en = "Idempotency-Key 应为 1 至 255 个可打印 ASCII 字符", "Idempotency-Key must be 1 to 255 printable ASCII characters"
        raise Problem(422, "bad-idempotency-key", zh, en, [FieldError("/header/Idempotency-Key", "bad-idempotency-key", f"{zh} / {en}")])
    return Claim(subject, path, key, hashlib.sha256(_canonical(body)).hexdigest())


def _canonical(body: bytes) -> bytes:
    """The same JSON in another order of members or with other blanks is the same body."""
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except ValueError:
        return body


def kept_answers(tx: Transaction, claims: Iterable[Claim]) -> dict[Claim, Kept | Problem]:
    """What was answered before to those claims; a 409 where the key came with another body."""
    found: dict[Claim, Kept | Problem] = {}
    for claim in claims:
        for request_hash, status, headers, body in tx.sql(
            "SELECT request_hash, status, headers, body FROM idempotency WHERE subject = ? AND path = ? AND key = ?", claim.place
        ):
            same = request_hash == claim.request_hash
            found[claim] = Kept(status, orjson.loads(headers), bytes(body)) if same else reused()
    return found


def keep_answers(tx: Transaction, answers: Iterable[tuple[Claim, Kept]]) -> None:
    """Remember what was answered. Whoever else used one of the keys meanwhile makes the transaction fail."""
    at = rfc3339(tx.now)
    tx.insert(
        tables.idempotency,
        [
            {
                "subject": claim.subject,
                "path": claim.path,
                "key": claim.key,
                "request_hash": claim.request_hash,
                "status": kept.status,
                "headers": orjson.dumps(kept.headers).decode(),
                "body": kept.body,
                "created_at": at,
            }
            for claim, kept in answers
        ],
    )


def forget_old_answers(tx: Transaction, days: int) -> int:
    """Delete up to ``PURGE_CHUNK`` answers older than ``days``; how many there were."""
    limit = rfc3339(tx.now - timedelta(days=days))
    old = tx.sql("SELECT subject, path, key FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT ?", (limit, PURGE_CHUNK))
    return tx.many("DELETE FROM idempotency WHERE subject = ? AND path = ? AND key = ?", old)


def reused() -> Problem:
    zh, en = "此 Idempotency-Key 已用于不同内容的请求，请换新的", "this Idempotency-Key was used with another body: take a new one"
    return Problem(409, "idempotency-key-reused", zh, en)


def in_progress() -> Problem:
    zh, en = "带同一 Idempotency-Key 的请求正在办理，请稍后重试", "a call with this Idempotency-Key is still running: repeat shortly"
    return Problem(409, "idempotency-in-progress", zh, en, headers={"Retry-After": "1"})
