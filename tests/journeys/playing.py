"""Plays a case: its steps in their order, the power company and the field among them; and reads back what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from deploy.demo.city import LAND, POWER, Record, UnexpectedAnswer
from tests.journeys.offices import Offices
from tests.journeys.tables import city_today, numbers, words
from tests.journeys.vocabulary import connected

KINDS = {
    "new": "new_three_phase_transformer",
    "increase": "increase_three_phase",
    "replace": "replace_like_for_like",
    "low_voltage": "low_voltage_three_phase",
    "single": "single_phase",
}
STATUSES = frozenset({"held", "accepted", "refused", "referred", "withdrawn", "closed_duplicate"})


class Play(Offices):
    """One case on its way through all offices."""

    def run(self, steps: str) -> None:
        for step in filter(None, (each.strip() for each in steps.split(";"))):
            verb, _, rest = step.partition(" ")
            if verb in STATUSES:
                self._until_it_is(verb)
            else:
                does: Callable[[str], None] = getattr(self, verb)
                does(rest)

    # the power company and the field

    def ask(self, text: str) -> None:
        """A request: kind first; ``owner``, ``filing``, ``100->250``, a trade or ``undeclared``, ``unit=``, ``as=`` another enterprise."""
        plain, named = words(text)
        before, _, after = next(
            (word for word in plain if "->" in word), "100->315" if plain[0] in ("increase", "replace") else ""
        ).partition("->")
        trade = next((word for word in plain if word.isdigit()), None if "undeclared" in plain else self.words.split()[0])
        self._site_is_heard_of()
        body: Record = {
            "request_id": f"PSC-case-{next(numbers)}",
            "kind": KINDS[plain[0]],
            "parcel_code": self.place.code,
            "unit_number": named.get("unit"),
            "filing_id": self.filing["filing_id"] if "filing" in plain else None,
            "capacity_kva": float(after or 315),
            "existing_capacity_kva": float(before) if before else None,
            "applicant": {"type": "owner" if "owner" in plain else "enterprise", "name": named.get("as", self.name), "uscc": None},
            "declared_industry_code": trade,
        }
        if "owner" in plain:
            body["applicant"] = {"type": "owner", "name": "某房东", "uscc": None}
        elif "uscc" in plain:
            body["applicant"]["uscc"] = self.uscc
        self.clearance = self.city.ask_for_power(body)

    def clear(self, text: str) -> None:
        """The owner of a hold on the clearance clears it; ``refuse`` makes it a block."""
        self._power_word("clear", text)

    def deny(self, text: str) -> None:
        self._power_word("refuse", text)

    def allowed(self, _: str) -> None:
        """The power company has the clearance and its token in hand."""
        self.clearance = self.city.until(
            lambda: self.city.clearance(self.clearance["clearance_id"]), lambda one: one["decision"] == "allow"
        )

    def commit(self, _: str) -> None:
        self.allowed("")
        connected(self.city, self.clearance)

    def too_late(self, text: str) -> None:
        """The power company connects with a token that something has overtaken; or a township answers what is settled."""
        if text != "commit":
            super().too_late(text)
            return
        given = self.clearance
        self.city.until(lambda: self.city.clearance(given["clearance_id"]), lambda one: one["decision"] != "allow")
        with pytest.raises(UnexpectedAnswer, match=r": 409 .*site-changed"):
            self.city.call("grid", "POST", f"{POWER}/clearances/{given['clearance_id']}:commit", {"token": given["token"]})

    def contest(self, result: str) -> None:
        """An appeal against the block at the place, and what the governance office decides: upheld or reversed."""
        path = f"{POWER}/blocks/{self._standing()}"
        self.city.call("clerk", "POST", f"{path}:appeal", {"text": "该处为仓库，并非生产"})
        decision = {"result": result, "reason": "复核", "document_sha256": "0" * 64}
        self.city.call("reviewer", "POST", f"{path}:decide-appeal", decision, unit="MGO")

    def sign(self, _: str) -> None:
        """Two units override what stands at the place."""
        path = f"{POWER}/blocks/{self._standing()}:override"
        for unit in ("MGO", "PSC"):
            self.city.call("admin", "POST", path, {"reason": "个案放行", "document_sha256": "0" * 64}, unit=unit)

    def found(self, text: str) -> None:
        """Seen in the field: manufacturing_use or transformer_connected."""
        body = {
            "kind": text or "manufacturing_use",
            "parcel_code": self.place.code,
            "observed_on": city_today().isoformat(),
            "note": "巡查",
        }
        self.finding = self.city.call("grid", "POST", f"{POWER}/findings", body)

    def found_closed(self, _: str) -> None:
        self.city.call("grid", "POST", f"{POWER}/findings/{self.finding['finding_id']}:close", {"reason": "已停产"})

    # what came of it

    def seen(self, columns: Any) -> dict[str, str]:
        """What stands now, in the words of the columns asked for."""
        read: dict[str, str] = {}
        if self.filing and {"outcome", "land", "statement", "why", "marks", "told"} & set(columns):
            self.filing = self.city.filing(self.filing["filing_id"])
            decision = self.filing["decision"]
            read |= {"outcome": decision["outcome"], "land": decision["land_verdict"], "statement": decision["statement"]}
            read |= {"why": said(reason["code"] for reason in decision["reasons"]), "told": said(decision["notify"])}
            read["marks"] = said([*decision["flags"], *decision["tags"]])
        if "site" in columns:
            site = self.city.call("grid", "GET", f"{POWER}/sites/{self.place.code}")
            read["site"] = " ".join([site["three_phase"], said(reason["code"] for reason in site["reasons"])]).removesuffix(" -")
        if self.clearance and {"answer", "power_told"} & set(columns):
            self.clearance = self.city.clearance(self.clearance["clearance_id"])
            reasons = said(reason["code"] for reason in self.clearance["reasons"])
            read["answer"] = f"{self.clearance['decision']} {reasons}".removesuffix(" -")
            read["power_told"] = said(self.clearance["notify"])
        if "cases" in columns:
            items = self.city.call("map_officer", "GET", f"{LAND}/list-entries", list="source_control", parcel_code=self.place.code)[
                "items"
            ]
            read["cases"] = said(entry["cause"] for entry in items)
        return {name: read[name] for name in columns}

    def _site_is_heard_of(self) -> None:
        """Between processes a parcel takes a moment to be heard of."""
        if self.place.record is not None:
            premises = {"township_code": self.place.township, "address": "某村", "parcel_code": self.place.code}
            on_the_map = self.city.land_verdict(premises, "3851")
            self.city.until(lambda: self.city.site_verdict(self.place.code), lambda verdict: verdict == on_the_map)
        self.city.steady(lambda: self.city.call("grid", "GET", f"{POWER}/sites/{self.place.code}")["manufacturing"])

    def _standing(self) -> Any:
        site = self.city.until(lambda: self.city.call("grid", "GET", f"{POWER}/sites/{self.place.code}"), lambda one: one["block_id"])
        return site["block_id"]

    def _until_it_is(self, status: str) -> None:
        self.filing = self.city.until(lambda: self.city.filing(self.filing["filing_id"]), lambda one: one["status"] == status)
        assert self.filing["status"] == status

    def _power_word(self, result: str, code: str) -> None:
        seen = self.city.until(
            lambda: self.city.clearance(self.clearance["clearance_id"]), lambda one: code in [reason["code"] for reason in one["reasons"]]
        )
        owner = next(reason["owner"] for reason in seen["reasons"] if reason["code"] == code)
        body = {"code": code, "result": result, "reason": "核实", "document_sha256": None}
        self.city.call("reviewer", "POST", f"{POWER}/clearances/{seen['clearance_id']}:review", body, unit=owner)


def said(items: Any) -> str:
    """Words in a fixed order, a dash for none."""
    return " ".join(sorted({str(item) for item in items})) or "-"
