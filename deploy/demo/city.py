"""The city's offices as they use the public HTTP surface: each call with the token of the office that makes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import httpx

REGISTRATION, LAND, POWER, NOTIFIER = "/registration/v1", "/land-check/v1", "/power-grid/v1", "/notifier/v1"
PATIENCE = 15.0
"""Seconds to wait for what other services still have to hear."""
LOOK_AGAIN, LOOK_AGAIN_AFAR = 0.03, 0.1
"""Seconds between two looks, in one process and between several."""
SAME_LOOKS = 3

Record = dict[str, Any]


class Tokens(Protocol):
    def __call__(self, role: str, /, *, townships: tuple[str, ...] = (), unit: str | None = None) -> str: ...


class UnexpectedAnswer(Exception):  # noqa: N818 - says what happened
    """A call was answered otherwise than the story needs."""


class City:
    """``tokens`` gives a bearer token for a role; ``look_again``: seconds between two looks.

    Answers are the JSON of the surface, with ``etag`` added where there is one.
    """

    def __init__(self, url: str, tokens: Tokens, look_again: float = LOOK_AGAIN) -> None:
        self.url = url
        self._look_again = look_again
        self.token = tokens
        self._http = httpx.Client(base_url=url, timeout=90)
        self._known: dict[tuple[str, tuple[str, ...], str | None], str] = {}

    def close(self) -> None:
        self._http.close()

    def call(
        self,
        role: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        township: str | None = None,
        unit: str | None = None,
        headers: Mapping[str, str] | None = None,
        **query: str | int,
    ) -> Record:
        """One call. Raises UnexpectedAnswer for anything but 2xx."""
        who = (role, (township,) if township else (), unit)
        token = self._known.get(who) or self._known.setdefault(who, self.token(role, townships=who[1], unit=unit))
        sent = {"Authorization": f"Bearer {token}", **(headers or {})}
        answer = self._http.request(method, path, json=body, headers=sent, params=query)
        if not answer.is_success:
            raise UnexpectedAnswer(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        record: Record = answer.json() if answer.content else {}
        return {**record, "etag": answer.headers["etag"]} if "etag" in answer.headers else record

    def file(self, body: Record, key: str, wait: float) -> Record:
        """Submit a filing and read it after at most ``wait`` seconds."""
        filing = self.call("clerk", "POST", f"{REGISTRATION}/filings", body, headers={"Idempotency-Key": key})
        return self.filing(filing["filing_id"], wait=wait)

    def filing(self, filing_id: str, **query: str | int | float) -> Record:
        return self.call("clerk", "GET", f"{REGISTRATION}/filings/{filing_id}", **query)  # type: ignore[arg-type]

    def act(self, filing: Record, verb: str, body: Any = None) -> Record:
        """An action of the clerk on a filing as last seen."""
        path = f"{REGISTRATION}/filings/{filing['filing_id']}:{verb}"
        return self.call("clerk", "POST", path, body, headers={"If-Match": filing["etag"]})

    def changed(self, filing: Record) -> Record:
        """The filing once it is newer than as last seen."""
        return self.filing(filing["filing_id"], wait=int(PATIENCE), since_version=filing["version"])

    def record_parcel(self, parcel: Record) -> None:
        self.call("map_officer", "PUT", f"{LAND}/parcels/{parcel['parcel_code']}", parcel)

    def record_grade(self, uscc: str, year: int, grade: str) -> None:
        self.call("map_officer", "PUT", f"{LAND}/grades", {"year": year, "items": [{"uscc": uscc, "grade": grade}]})

    def issue_statement(self, filing_id: str, township: str, body: Record) -> None:
        """The officer of the township answers its request about the filing."""
        path = f"{LAND}/statement-requests"
        asked = self.until(
            lambda: self.call("township_officer", "GET", path, township=township, filing_id=filing_id)["items"],
            bool,
        )
        self.call("township_officer", "POST", f"{path}/{asked[0]['statement_request_id']}:issue", body, township=township)

    def bring_paper(self, paper: Record, township: str, key: str) -> Record:
        return self.call("township_officer", "POST", f"{LAND}/statements", paper, township=township, headers={"Idempotency-Key": key})

    def denounce(self, statement: Record, verb: str, township: str) -> None:
        """``revoke`` or ``report-forged``."""
        path = f"{LAND}/statements/{statement['statement_id']}:{verb}"
        self.call("township_officer", "POST", path, {"reason": "演示 demonstration"}, township=township)

    def statements_asked_for(self, parcel_code: str) -> list[Record]:
        path = f"{LAND}/statement-requests"
        items: list[Record] = self.call("clerk", "GET", path, parcel_code=parcel_code, status="pending")["items"]
        return items

    def land_verdict(self, premises: Record, industry_code: str) -> str:
        """What the map says of a place now."""
        body = {"premises": premises, "industry_code": industry_code}
        verdict: str = self.call("map_officer", "POST", f"{LAND}/checks", body)["land_verdict"]
        return verdict

    def site_verdict(self, parcel_code: str) -> str:
        """What the power side has heard of a place."""
        verdict: str = self.call("grid", "GET", f"{POWER}/sites/{parcel_code}")["land_verdict"]
        return verdict

    def ask_for_power(self, request: Record) -> Record:
        return self.call("grid", "POST", f"{POWER}/install-requests", request)

    def clearance(self, clearance_id: str) -> Record:
        return self.call("grid", "GET", f"{POWER}/clearances/{clearance_id}")

    def confirm(self, clearance: Record, reason: Record) -> Record:
        """The unit that owns a hold clears it."""
        body = {"code": reason["code"], "result": "clear", "reason": "演示 demonstration", "document_sha256": None}
        headers = {"If-Match": clearance["etag"]} if "etag" in clearance else {}
        path = f"{POWER}/clearances/{clearance['clearance_id']}:review"
        return self.call("reviewer", "POST", path, body, unit=reason["owner"], headers=headers)

    def until(self, read: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
        """The first reading that is good, or the last one when patience ends."""
        deadline = time.monotonic() + PATIENCE
        while not good(value := read()) and time.monotonic() < deadline:
            time.sleep(self._look_again)
        return value

    def steady(self, read: Callable[[], Any]) -> Any:
        """A reading that stays the same for a few looks: everything on its way has arrived."""
        last, same = read(), 1
        deadline = time.monotonic() + PATIENCE
        while same < SAME_LOOKS and time.monotonic() < deadline:
            time.sleep(self._look_again)
            value = read()
            same = same + 1 if value == last else 1
            last = value
        return last
