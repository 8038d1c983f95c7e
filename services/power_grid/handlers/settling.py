"""Judge sites again after a fact has changed: epochs, standing answers, clearances. One load, decisions in memory, one save."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from chassis.clock import today
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Command, Itself, Message, Received
from chassis.review_cases import Otherwise
from contracts.envelope import Event
from contracts.policy import Policy
from services.power_grid import rules, tables
from services.power_grid.domain import Block, Clearance, FeedEntry, Filing, Known, Parcel, ParcelFacts, Site, SiteKey
from services.power_grid.handlers.judging import Judged, judge, place_now
from services.power_grid.handlers.review_cases import allowed_when_committed, held_by_another_set
from services.power_grid.handlers.saying import answer_event, block_event, breach_event
from services.power_grid.handlers.standing import stand
from services.power_grid.tables.review_cases import REVIEW_CASES

Cause = Command | Received | None  # type: ignore[type-arg]
"""The command or event something happens because of; None for the calendar."""


@dataclass(slots=True)
class Touched:
    """What has changed, and because of what. ``filings`` as they are now, ``applicants`` by USCC.

    ``may_wait``: parcels of which nothing else was heard than filings that come newly. Where nobody holds an answer, and what stands
    there stands anyway, they are judged when somebody asks.
    """

    parcels: dict[str, Cause] = field(default_factory=dict)
    filings: dict[str, Cause] = field(default_factory=dict)
    applicants: dict[str, Cause] = field(default_factory=dict)
    may_wait: set[str] = field(default_factory=set)


def say(cause: Cause, event: Event) -> Message:
    """The message for an event in the conversation of its cause; the calendar opens a new one."""
    return Message.because(cause or Itself(new_id()), event)


@dataclass(slots=True)
class Work:
    """The sites of one transaction while they are judged."""

    tx: Transaction
    policy: Policy
    sites: tables.Sites
    facts: dict[str, ParcelFacts]
    filings: dict[str, Filing]
    day: date
    moved: set[SiteKey] = field(default_factory=set)
    changed: dict[SiteKey, Site] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    feed: list[FeedEntry] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    reviews: list[Otherwise] = field(default_factory=list)

    def put(self, site: Site) -> None:
        self.sites[site.key.parcel_code][site.key.unit_number] = site
        self.changed[site.key] = site

    def site(self, key: SiteKey) -> Site:
        """The kept site; one asked about for the first time begins with the epoch of its parcel."""
        rows = self.sites[key.parcel_code]
        if key.unit_number not in rows:
            facts = self.facts[key.parcel_code]
            self._begin(key, facts, rules.known_at(self.policy, facts, key.unit_number))
        return rows[key.unit_number]

    def _begin(self, key: SiteKey, facts: ParcelFacts, known: Known) -> None:
        whole = self.sites[key.parcel_code][None]
        self.put(Site(key, epoch=whole.epoch, fingerprint=rules.fingerprint(self.policy, facts, known, self.day)))

    def judge_parcel(self, parcel_code: str, cause: Cause, forced: Iterable[SiteKey] = ()) -> None:
        """Move the epochs whose facts have changed, impose and lift what stands."""
        facts, rows = self.facts[parcel_code], self.sites[parcel_code]
        units = [None, *sorted({unit for unit in (*rows, *_units_of(facts)) if unit is not None})]
        for unit in units:
            key = SiteKey(parcel_code, unit)
            known = rules.known_at(self.policy, facts, unit)
            if unit not in rows:
                self._begin(key, facts, known)
            old = rows[unit]
            print_now = rules.fingerprint(self.policy, facts, known, self.day)
            moves = key in forced or print_now != old.fingerprint
            look = rules.next_look(facts, known, self.day)
            site = old
            if moves or look != old.next_look:
                site = replace(old, fingerprint=print_now, epoch=old.epoch + moves, next_look=look)
            if moves:
                self.moved.add(key)
            self.stand(facts, known, old, site, cause)

    def stand(self, facts: ParcelFacts, known: Known, old: Site, site: Site, cause: Cause) -> None:
        """Impose and lift what stands at ``site``, which was ``old``."""
        site, entries, blocks = stand(self.policy, facts, known, site, self.day, self.tx.now)
        self._publish(facts, old, site, entries, cause)
        self.blocks |= {block.block_id: block for block in blocks}
        if site != old:
            self.put(site)

    def _publish(self, facts: ParcelFacts, old: Site, new: Site, entries: list[FeedEntry], cause: Cause) -> None:
        for entry in entries:
            told = old.notify if entry.type.endswith("_lifted") else new.notify
            self.feed.append(entry)
            self.messages.append(say(cause, block_event(self.policy, entry, told, township_of(facts, None))))

    def judge_clearance(self, clearance: Clearance, cause: Cause) -> Clearance | None:
        """Judge an earlier request by today's facts; None if nothing has changed for it."""
        named = clearance.request.filing_id
        filing = None if named is None else self.filings.get(named)
        key = place_now(clearance, self.filings)
        facts = ParcelFacts("") if key is None else self.facts[key.parcel_code]
        site = None if key is None else self.site(key)
        found = judge(self.policy, facts, site, clearance, filing, self.day)
        if clearance.committed_at is not None:
            return self._watch_committed(clearance, found, facts, site, filing, cause)
        epoch = 0 if site is None else site.epoch
        first = None if filing is None or filing.filing_id == named else filing.filing_id
        if found.answer == clearance.answer and epoch == clearance.site_epoch and key == clearance.site:
            return None if first == clearance.judged_by else replace(clearance, judged_by=first)
        judged = replace(found.recorded(clearance, key, epoch, township_of(facts, filing), self.tx.now), judged_by=first)
        if judged.answer != clearance.answer:
            self.messages.append(say(cause, answer_event(self.policy, judged)))
        return judged

    def complete_for(self, clearances: Collection[Clearance]) -> None:
        """Load what these are judged by and is not here yet: the filings they name, the grades of those who ask, their places."""
        self.filings |= _filings_named(self.tx, clearances, self.filings)
        usccs = {each.request.applicant_uscc for each in clearances if each.request.applicant_uscc is not None}
        self.facts = tables.with_grades(self.tx, self.facts, usccs)
        places = {place.parcel_code for each in clearances if (place := place_now(each, self.filings)) is not None}
        elsewhere = sorted(places - self.facts.keys())
        self.sites |= tables.claim_sites(self.tx, elsewhere)
        self.facts |= tables.load_facts(self.tx, elsewhere, applicants=usccs)

    def _watch_committed(
        self, clearance: Clearance, found: Judged, facts: ParcelFacts, site: Site | None, filing: Filing | None, cause: Cause
    ) -> Clearance | None:
        """What is connected stays. A hold that facts bring is a breach; one that only another policy set brings, a case for review."""
        if found.allowed == (not clearance.breached):
            return None
        if not found.allowed:
            stood_by = allowed_when_committed(self.tx, facts, site, clearance, filing, self.day)
            if stood_by is not None:
                if stood_by.ref != self.policy.ref:  # else its parcel is read by a set not heard of yet: the sweep comes with that
                    self.reviews.append(held_by_another_set(clearance, found.answer, stood_by))
                return None
            self.messages.append(say(cause, breach_event(clearance, "hold_after_commit", found.answer.notify)))
        return replace(clearance, breached=not found.allowed, version=clearance.version + 1)

    def save(self) -> None:
        REVIEW_CASES.open(self.tx, self.reviews)
        tables.save_sites(self.tx, self.changed.values())
        lifted = {entry.block_id for entry in self.feed} - set(self.blocks)
        ended = {block_id: replace(block, lifted_at=self.tx.now) for block_id, block in tables.blocks_of(self.tx, lifted).items()}
        tables.save_blocks(self.tx, (self.blocks | ended).values())
        tables.append_feed(self.tx, self.feed)


def settle(
    tx: Transaction, policy: Policy, touched: Touched, filings: Mapping[str, Filing], waiting: Iterable[Clearance] = ()
) -> list[Message]:
    """Judge everything that is touched again. ``filings`` are the touched ones as they are now,
    ``waiting`` clearances to look at in any case.
    """
    bound = [*tables.clearances_of_filings(tx, touched.filings), *waiting]
    asked = tables.clearances_of_applicants(tx, touched.applicants)
    known = tables.standing_for(tx, filings) | _filings_named(tx, [*bound, *asked], filings)
    places = {place.parcel_code for clearance in (*bound, *asked) if (place := place_now(clearance, known)) is not None}
    old_places = {clearance.site.parcel_code for clearance in (*bound, *asked) if clearance.site is not None}
    every = sorted(places | old_places | set(touched.parcels))
    sites = tables.claim_sites(tx, every)
    parcels = tables.load_parcels(tx, every)
    here: dict[str, list[Filing]] = defaultdict(list)
    for filing in filings.values():
        if filing.site is not None:
            here[filing.site.parcel_code].append(filing)
    day = today(tx.now)
    loud = {code for code in touched.parcels if not _stays_quiet(policy, code, parcels.get(code), sites[code], here[code])}
    unasked = where_nobody_asked(tx, loud & touched.may_wait - places - old_places, sites)
    loud -= {code for code in unasked if _stands_anyway(policy, parcels.get(code), sites[code], here[code], day)}
    facts = tables.load_facts(tx, sorted({*loud, *places, *old_places}), parcels=parcels, filings=filings)
    work = Work(tx, policy, sites, facts, known, day)
    asked_at = [(c.site, c.committed_at is None) for c in asked if c.site is not None]
    graded = [(site, is_open) for site, is_open in asked_at if rules.grade_counts_at(policy, facts[site.parcel_code], site.unit_number)]
    forced = {site for site, is_open in graded if is_open}
    for code in sorted({*loud, *(site.parcel_code for site, _ in graded)}):
        cause = touched.parcels.get(code) or next(iter(touched.applicants.values()), None)
        work.judge_parcel(code, cause, forced)
    judge_clearances(work, touched, [*bound, *asked])
    work.save()
    return work.messages


def catch_up(tx: Transaction, policy: Policy, parcel_code: str, cause: Cause) -> list[Message]:
    """Judge what was left until somebody asks, before a word is bound to the epoch of a site there."""
    there = {filing.filing_id: filing for filing in tables.load_facts(tx, [parcel_code])[parcel_code].filings}
    return settle(tx, policy, Touched(parcels={parcel_code: cause}), there)


def judge_clearances(work: Work, touched: Touched, named: Iterable[Clearance] = ()) -> None:
    """The clearances of touched filings and applicants, and all at sites whose epoch has moved."""
    at_moved = tables.clearances_at(work.tx, sorted({key.parcel_code for key in work.moved}))
    waiting = {c.clearance_id: c for c in (*named, *(c for c in at_moved if c.site in work.moved))}
    if not waiting:
        return
    work.complete_for(waiting.values())
    changed = []
    for clearance in sorted(waiting.values(), key=lambda c: c.clearance_id):
        cause = touched.filings.get(clearance.filing_id or "") or touched.applicants.get(clearance.request.applicant_uscc or "")
        if cause is None and clearance.site is not None:
            cause = touched.parcels.get(clearance.site.parcel_code)
        judged = work.judge_clearance(clearance, cause)
        if judged is not None:
            changed.append(judged)
    tables.save_clearances(work.tx, changed)


def _filings_named(tx: Transaction, clearances: Iterable[Clearance], known: Mapping[str, Filing]) -> dict[str, Filing]:
    wanted = {c.request.filing_id for c in clearances if c.request.filing_id is not None} - set(known)
    return tables.load_filings(tx, sorted(wanted)) if wanted else {}


def where_nobody_asked(tx: Transaction, parcel_codes: Collection[str], sites: tables.Sites) -> set[str]:
    """Those where nobody holds an answer, nor a word that lasts until the epoch moves: filings that came there may not be judged yet."""
    wordless = {code for code in parcel_codes if not any(site.overridden or site.reversed for site in sites[code].values())}
    return wordless - tables.parcels_asked_about(tx, wordless)


def _stays_quiet(
    policy: Policy, parcel_code: str, parcel: Parcel | None, rows: Mapping[str | None, Site], filings: Iterable[Filing]
) -> bool:
    """Whether nothing that was heard can matter there: industrial land before and after, which is the common case and must be cheap."""
    facts = ParcelFacts(parcel_code, parcel)
    if not rules.is_quiet(facts) or any(site.fingerprint != facts.land(unit) or site.block_id is not None for unit, site in rows.items()):
        return False
    return all(rules.land_for_others(policy, facts, filing) in rules.QUIET and not filing.set_aside for filing in filings)


def _stands_anyway(policy: Policy, parcel: Parcel | None, rows: Mapping[str | None, Site], filings: Iterable[Filing], day: date) -> bool:
    """Whether all that came leaves what stands there as it is."""
    come = [(filing.site, filing) for filing in filings if filing.site is not None]
    return all(rules.stands_anyway(policy, parcel, rows.get(key.unit_number) or Site(key), filing, day) for key, filing in come)


def _units_of(facts: ParcelFacts) -> set[str]:
    known = [filing.site for filing in facts.filings] + [f.site for f in facts.findings] + [use.site for use in facts.uses]
    return {site.unit_number for site in known if site is not None and site.unit_number is not None}


def township_of(facts: ParcelFacts, filing: Filing | None) -> str | None:
    """The township of a place: the parcel's, else that of the filing asked about, else of any filing there."""
    if facts.parcel is not None:
        return facts.parcel.township_code
    filings = facts.filings if filing is None else (filing, *facts.filings)
    return next((each.township_code for each in filings if each.township_code is not None), None)
