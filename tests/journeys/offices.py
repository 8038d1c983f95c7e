"""What the map office, the counter and the townships do in a case, each through the public surface with its own token."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from contracts.reference import township
from deploy.demo.city import LAND, PATIENCE, REGISTRATION, City, Record, UnexpectedAnswer
from tests.journeys.tables import Place, city_today, day_of, filing_of, numbers, place_of, uscc_of, words

SHA = sha256(b"case").hexdigest()


class Offices:
    """One case: its place, its enterprise, the last filing made and the last clearance asked for."""

    def __init__(self, city: City, place: str, filing: str) -> None:
        self.city = city
        number = next(numbers)
        self.name, self.uscc = f"慈溪案例{number}号制造有限公司", uscc_of(number)
        self.place = place_of(place)
        self.made_at: Place | None = None
        self.words = filing
        self.filing: Record = {}
        self.clearance: Record = {}
        self.entry: Record = {}
        self.finding: Record = {}
        self._record(self.place)

    # the map office

    def land(self, text: str) -> None:
        """The map office records the place anew."""
        self.place = place_of(text, self.place.code)
        self._record(self.place)

    def part(self, text: str) -> None:
        body = {"part": f"{text}_part", "reason": "现场核实"}
        self._map("POST", f"filings/{self.filing['filing_id']}:resolve-unit", body)

    def set_township(self, text: str) -> None:
        self._map("POST", f"filings/{self.filing['filing_id']}:set-township", {"township_code": text, "reason": "界线"})

    def grade(self, text: str) -> None:
        """``A`` of last year, or ``A -2`` of the year before it."""
        grade, _, years = text.partition(" ")
        self.city.record_grade(self.uscc, city_today().year + int(years or "-1"), grade)

    def admit(self, text: str) -> None:
        """The park's word on the enterprise: approved, refused, exited."""
        park = f"park-{self.place.code}"
        self._map("PUT", f"parks/{park}", {"name": "小微园", "kind": "small_enterprise", "township_code": self.place.township})
        body = {"enterprise_name": self.name, "status": text, "decided_on": city_today().isoformat()}
        self._map("POST", f"parks/{park}/admissions", body)

    def listed(self, text: str) -> None:
        """An entry of a problem list at the place; ``elsewhere`` only of its controller; ``unit=`` of one unit."""
        plain, named = words(text)
        place = place_of("0601") if "elsewhere" in plain else self.place
        body: Record = {"list": plain[0], "enterprise_name": "旧厂", "parcel_code": place.code, "unit_number": named.get("unit")}
        body |= {"controller": {"name": f"{self.name}控制人"}, "found_on": city_today().isoformat(), "due": None}
        self.entry = self._map("POST", "list-entries", body)

    def delist(self, _: str) -> None:
        self._map("POST", f"list-entries/{self.entry['entry_id']}:close", {"result": "delisted", "reason": "达标销号"})

    def close_out(self, _: str) -> None:
        self._map("POST", f"list-entries/{self.entry['entry_id']}:close", {"result": "close_out", "reason": "逾期未改"})

    # the counter

    def file(self, text: str) -> None:
        """The filing of the case, or the one whose words are given."""
        named = words(text or self.words)[1]
        if "made_at" in named:
            self.made_at = place_of(named["made_at"].replace(",", " "))
            self._record(self.made_at)
        place = self.place
        if "elsewhere" in named:
            place = place_of(named["elsewhere"])
            self._record(place)
        body = filing_of(text or self.words, place, self.made_at, self.name, self.uscc)
        self.filing = self.city.file(body, f"case-{next(numbers)}", PATIENCE)
        assert self.filing["status"] != "under_review"

    def declare(self, _: str) -> None:
        self._act("declare-no-statement")

    def withdraw(self, _: str) -> None:
        self._act("withdraw")

    def uscc_given(self, _: str) -> None:
        self._act("record-uscc", {"uscc": self.uscc})

    def amend(self, text: str) -> None:
        """The filing is changed: a new trade, its processes."""
        changed = filing_of(text, self.place, self.made_at, self.name, self.uscc)
        self._act("amend", {name: changed[name] for name in ("industry_code", "processes")})

    def appeal(self, _: str) -> None:
        self._act("appeal", {"text": "不服", "documents": []})

    def reverse(self, _: str) -> None:
        self._verb("reviewer", "MGO", "decide-appeal", {"result": "reversed", "reason": "复核", "document_sha256": SHA})

    def review(self, text: str) -> None:
        """``UNIT code result``: the unit that owns a hold ends it."""
        unit, code, result = text.split()
        role = "map_officer" if unit == "NRP" else "reviewer"
        self._verb(role, unit, "review", {"code": code, "result": result, "reason": "核实", "document_sha256": None})

    def set_aside(self, _: str) -> None:
        """The governance office takes the decision back; an acceptance is judged anew by the land side."""
        was = self._steady()["status"]
        self._verb("reviewer", "MGO", "set-aside", {"reason": "事实有误", "document_sha256": None})
        if was == "accepted":
            self.filing = self.city.changed(self.filing)

    # the township

    def statement(self, text: str) -> None:
        """The township answers its request; ``no_second``, ``negative``, ``by=`` another township."""
        plain, named = words(text)
        body: Record = {"result": "does_not_support" if "negative" in plain else "supports", "owner": "村民", "basis": "宅基地使用权证"}
        body |= {"second_officer": None if "no_second" in plain else "复核员", "valid_to": None, "document_sha256": SHA, "in_village": None}
        before = self._steady()
        town = named.get("by", self._town)
        asked = self._pending_request(township_code=town)
        self.city.call("township_officer", "POST", f"{asked}:issue", body, township=town)
        self.filing = self.city.changed(before)

    def decline(self, _: str) -> None:
        self._answer("decline", {"reason": "无权属"})

    def give_back(self, _: str) -> None:
        self._answer("return", {"reason": "不在辖区"})

    def paper(self, text: str) -> None:
        """A paper is recorded for the filing, or ``unbound`` for the next one; the words say what is special about it."""
        plain, named = words(text)
        known, town = set(plain), named.get("by", self._town)
        unit, committee = township(town), named.get("type", "township")
        day = day_of(named.get("issued", "-1d"), city_today())
        body: Record = {
            "filing_id": None if "unbound" in known else self.filing["filing_id"],
            "issuer": {"type": committee, "township_code": town, "name": unit.issuer_zh if unit and unit.issuer_zh else "某镇"},
            "result": "does_not_support" if "negative" in known else "supports",
            "enterprise_name": "另一家公司" if "another" in known else self.name,
            "parcel_code": self._elsewhere(self.place.code) if "elsewhere" in known else self._checked_code,
            "unit_number": named.get("unit"),
            "owner": "村民",
            "basis": "宅基地使用权证",
            "second_officer": None if "no_second" in known else "复核员",
            "issued_on": day.isoformat(),
            "valid_to": day_of(named["until"], city_today()).isoformat() if "until" in named else (day + timedelta(180)).isoformat(),
            "document_sha256": SHA,
            "in_village": False if "town" in known else None,
        }
        self.city.bring_paper(body, self._town, f"case-{next(numbers)}")

    def revoke(self, _: str) -> None:
        self.city.denounce(self._last_paper(), "revoke", self._town)

    def forge(self, _: str) -> None:
        self.city.denounce(self._last_paper(), "report-forged", self._town)

    @property
    def _town(self) -> str:
        return (self.made_at or self.place).township

    @property
    def _checked_code(self) -> str:
        return (self.made_at or self.place).code

    def _record(self, place: Place) -> None:
        if place.record is not None:
            self.city.record_parcel(place.record)

    def _map(self, method: str, path: str, body: Record) -> Record:
        return self.city.call("map_officer", method, f"{LAND}/{path}", body, unit="NRP")

    def _act(self, verb: str, body: Any = None) -> None:
        self.filing = self.city.act(self._steady(), verb, body)

    def _verb(self, role: str, unit: str, verb: str, body: Record) -> None:
        seen = self._steady()
        path = f"{REGISTRATION}/filings/{seen['filing_id']}:{verb}"
        self.filing = self.city.call(role, "POST", path, body, unit=unit, headers={"If-Match": seen["etag"]})

    def _steady(self) -> Record:
        """The filing once everything on its way has arrived."""
        seen: Record = self.city.steady(lambda: self.city.filing(self.filing["filing_id"]))
        return seen

    def _answer(self, verb: str, body: Record) -> None:
        self.city.call("township_officer", "POST", f"{self._pending_request()}:{verb}", body, township=self._town)

    def too_late(self, text: str) -> None:
        """The township declines or returns what is answered or taken back already: it is told so, and nothing changes."""
        path = f"{LAND}/statement-requests"
        asked = self.city.call("clerk", "GET", path, filing_id=self.filing["filing_id"])["items"][-1]
        verb = f"{path}/{asked['statement_request_id']}:{text}"
        with pytest.raises(UnexpectedAnswer, match=r": 409 .*not-pending"):
            self.city.call("township_officer", "POST", verb, {"reason": "太迟"}, township=self._town)

    def _pending_request(self, **query: Any) -> str:
        """The call of the township's request that is still to be answered."""
        path, of = f"{LAND}/statement-requests", self.filing["filing_id"]
        asked = self.city.until(lambda: self.city.call("clerk", "GET", path, filing_id=of, status="pending", **query)["items"], bool)
        return f"{path}/{asked[0]['statement_request_id']}"

    def _last_paper(self) -> Record:
        papers = self.city.call("clerk", "GET", f"{LAND}/statements", parcel_code=self._checked_code)["items"]
        return papers[-1]  # type: ignore[no-any-return]

    def _elsewhere(self, code: str) -> str:
        return f"{code[:-5]}{99999 - int(code[-5:]):05d}"
