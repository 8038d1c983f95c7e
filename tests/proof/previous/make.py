"""Makes the data directory of an earlier release, as text: ``python -m tests.proof.previous.make CHECKOUT`` (a checkout of that commit).

That release is started on an empty directory, does some work, and is killed before it has published its last events. Keys are left out,
and the secrets of its webhook endpoints are replaced.
"""

from __future__ import annotations

import gzip
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from chassis.tokens import DevelopmentIssuer
from deploy.demo.city import POWER, REGISTRATION, City, UnexpectedAnswer
from tests.journeys.vocabulary import EVERY_EVENT, HOMESTEAD, INDUSTRIAL, XINPU, filing, parcel, statement, transformer
from tests.parts.postgresql import free_port

FOLDER = Path(__file__).parent
RECEIVER = "http://127.0.0.1:9"
"""Where nobody listens: the release that reads this puts its own receiver there."""

SECRET = "whsec_dXBncmFkZQ=="


def start(checkout: Path, data: Path, port: int, failpoint: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(checkout),
        "SLUICEGATE_FAILPOINTS": failpoint,
        "SLUICEGATE_NOTIFIER_ALLOW_PRIVATE_ADDRESSES": "true",
        "SLUICEGATE_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "deploy.cli", "up", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("READY")
    return process


def work(city: City) -> None:
    """Filings in every state, one waiting for its township, a request for power allowed and one blocked, a decision nobody was told of."""
    places = [parcel(code, parcel_code=f"{XINPU}80{number}GB00001") for number, code in enumerate((INDUSTRIAL, HOMESTEAD, HOMESTEAD), 1)]
    for place in places:
        city.record_parcel(place)
    for unit in ("AMR", "PSC"):
        body = {"recipient": unit, "channel": {"type": "webhook", "url": f"{RECEIVER}/{unit}"}, "events": EVERY_EVENT, "townships": None}
        city.call("admin", "POST", "/notifier/v1/endpoints", body)
    accepted = city.file(filing(places[0], enterprise_name="慈溪旧版一号电器有限公司"), "one", 10)
    backed = city.file(filing(places[1], enterprise_name="慈溪旧版二号电器有限公司"), "two", 10)
    city.issue_statement(backed["filing_id"], XINPU, statement())
    city.file(filing(places[2], enterprise_name="慈溪旧版三号电器有限公司"), "three", 10)  # its township is still to answer
    for place, of in ((places[0], accepted), (places[2], None)):
        city.ask_for_power(transformer(place, of))
    city.until(lambda: city.call("grid", "GET", f"{POWER}/blocks")["items"], bool)
    time.sleep(2)


def dump(data: Path) -> None:
    for file in sorted(data.glob("*.db")):
        with closing(sqlite3.connect(file)) as store:
            if file.stem == "notifier":
                store.execute("UPDATE endpoint SET secret = ?", (SECRET,))
                store.commit()
            text = "".join(f"{line}\n" for line in store.iterdump())
        (FOLDER / f"{file.stem}.sql.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def main(checkout: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        data, port = Path(name), free_port()
        issuer = DevelopmentIssuer(data)
        city = City(
            f"http://127.0.0.1:{port}",
            lambda role, townships=(), unit=None: issuer.token("previous", roles=[role], townships=list(townships), unit=unit),
        )
        process = start(checkout, data, port, "")
        work(city)
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        process = start(checkout, data, port, "relay.after_read=kill")
        last = filing(parcel(INDUSTRIAL, parcel_code=f"{XINPU}801GB00001"), enterprise_name="慈溪旧版四号电器有限公司")
        try:
            city.call("clerk", "POST", f"{REGISTRATION}/filings", last, headers={"Idempotency-Key": "four"})
        except UnexpectedAnswer:
            raise
        except Exception:
            print("it died before it answered")
        process.wait(20)
        city.close()
        dump(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
