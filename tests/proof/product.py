"""Sluicegate itself under chaos: filings, statements and install requests by its public surface, and offices that are told by webhook."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from chassis.tokens import DevelopmentIssuer
from deploy.demo.city import LAND, POWER, REGISTRATION, City, Record
from deploy.demo.receiver import Receiver
from deploy.services import SERVICES
from tests.journeys.vocabulary import HOMESTEAD, INDUSTRIAL, XINPU, filing, parcel, statement, told_at, transformer
from tests.parts.postgresql import free_port
from tests.proof.load import Acknowledged, Client
from tests.proof.playing import Books
from tests.proof.running import Member
from tests.proof.schedule import PRODUCT_PLACES, Fault
from tests.proof.worlds import say_again

PLACES, OFFICES = 20, 4
UNITS = ("AMR", "PSC", "TWN", "EEB", "EMB")
POWER_TOO, BACKED = 0.3, 0.5
"""How often a filing is followed by a request for power, and a held one by the township's statement."""

ENVIRONMENT = {
    "SLUICEGATE_LOG_LEVEL": "warning",
    "SLUICEGATE_NOTIFIER_ALLOW_PRIVATE_ADDRESSES": "true",
    "SLUICEGATE_NOTIFIER_SEND_TIMEOUT": "5",
    "SLUICEGATE_NOTIFIER_RETRY_DELAYS": json.dumps([0, 0.1, 0.2, 0.5, *[1] * 30]),
}


class Address(Protocol):
    """Where a Sluicegate answers, and who may call it."""

    def url(self) -> str: ...
    def token(self, role: str, /, *, townships: tuple[str, ...] = (), unit: str | None = None) -> str: ...


class EmbeddedProduct:
    """``sluicegate up``."""

    name = "Sluicegate, embedded"
    checker = "tests.proof.offices"
    places = PRODUCT_PLACES
    kinds = ("kill", "kill", "failpoint", "failpoint", "failpoint", "stop", "disk", "clock", "say_again")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._data.mkdir()
        port = free_port()
        arguments = ["up", "--port", str(port), "--data", str(self._data)]
        self._url = f"http://127.0.0.1:{port}"
        self.members = [Member("sluicegate", "sluicegate", arguments, ENVIRONMENT, folder)]
        self._places: Sequence[Record] = ()
        self._books = {name: f"sqlite:///{self._data}/{name}.db" for name in SERVICES}

    def url(self) -> str:
        return self._url

    def token(self, role: str, /, *, townships: tuple[str, ...] = (), unit: str | None = None) -> str:
        return DevelopmentIssuer(self._data).token(f"proof-{role}", roles=[role], townships=list(townships), unit=unit)

    @contextmanager
    def running(self) -> Iterator[None]:
        with self.members[0] as member:
            member.wait_ready()
            with city_told(self, self._folder) as self._places:
                yield

    def clients(self, books: Books) -> Sequence[Callable[[], None]]:
        return [partial(Office(self, number, books).work, self._places) for number in range(OFFICES)]

    def suffer(self, fault: Fault) -> None:
        if fault.kind == "say_again":
            say_again(self._books)
        else:
            self.members[0].suffer(fault)

    def write_books(self) -> None:
        (self._folder / "books.json").write_text(json.dumps(self._books), encoding="utf-8")


class NotingReceiver(Receiver):
    """Writes down every verified call in the order in which they came."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._heard = Acknowledged(path)

    def take(self, unit: str, body: bytes, headers: dict[str, str]) -> bool:
        good = super().take(unit, body, headers)
        if good:
            event = json.loads(body)
            stream = f"{event['source']} {event['partitionkey']}"
            self._heard.note(unit=unit, stream=stream, seq=int(event["streamseq"]), event=event["id"], call=headers["webhook-id"])
        return good


@contextmanager
def city_told(product: Address, folder: Path) -> Iterator[list[Record]]:
    """Parcels recorded, offices listening; the parcels."""
    places = [parcel(INDUSTRIAL if number % 2 else HOMESTEAD) for number in range(PLACES)]
    with NotingReceiver(folder / "heard") as receiver:
        city = City(product.url(), product.token)
        for place in places:
            city.record_parcel(place)
        told_at(city, receiver, *UNITS)
        city.close()
        yield places


class Office:
    """One clerk's window: files, asks for power, and has statements issued, each until it is answered."""

    def __init__(self, product: Address, number: int, books: Books) -> None:
        self._number = number
        self._chance = random.Random(f"{books.seed}-{number}")  # noqa: S311 - repeatable is what it must be
        self._books = books.acknowledged
        self._stop = books.stop
        self._end = books.given_up
        self._clerk, self._grid = (Client(product.url, product.token(role), self._end) for role in ("clerk", "grid"))
        self._officer = Client(product.url, product.token("township_officer", townships=(XINPU,)), self._end)

    def work(self, places: Sequence[Record]) -> None:
        count = 0
        while not self._stop.is_set() and not self._end.is_set():
            count += 1
            self._one(self._chance.choice(places), f"{self._number}-{count}")
        for client in (self._clerk, self._grid, self._officer):
            client.close()

    def _one(self, place: Record, name: str) -> None:
        body = filing(place, enterprise_name=f"慈溪混沌{name}号电器有限公司")
        filed = self._clerk.call("POST", f"{REGISTRATION}/filings", body, f"file-{name}")
        if filed is None:
            return
        held = place["parcel_code"][12:14] == "JC"
        backed = held and self._chance.random() < BACKED
        outcome = "accepted" if backed or not held else "held"
        if self._chance.random() < POWER_TOO:
            request = transformer(place, filed, request_id=f"PSC-{name}")
            if cleared := self._grid.call("POST", f"{POWER}/install-requests", request, None):
                self._books.note(install=request["request_id"], clearance=cleared["clearance_id"])
        if backed and not self._back(filed["filing_id"], name):
            outcome = "held"
        self._books.note(filing=filed["filing_id"], outcome=outcome)

    def _back(self, filing_id: str, name: str) -> bool:
        """The township's statement; False if the run ended before it was asked for one."""
        path = f"{LAND}/statement-requests"
        while not self._end.wait(0.05):
            found = self._officer.call("GET", f"{path}?filing_id={filing_id}", None, None)
            if found and found["items"]:
                request: Any = found["items"][0]["statement_request_id"]
                return self._officer.call("POST", f"{path}/{request}:issue", statement(), f"issue-{name}") is not None
        return False
