"""The port to whatever carries events between services. An adapter states what it guarantees; one conformance suite holds all to it.

Guarantees of every adapter:

1. ``publish`` returns only when all its records are durable: they survive SIGKILL of any process and loss of power.
   If it raises, some of them may have been kept: publish the same records again, readers recognise repeats by ``ce_streamseq``.
2. Records of one (topic, key) published by one publisher are read in the order they were published; a key never changes its partition.
3. Each group reads every record of its topics at least once, from the first one kept, whenever it subscribed.
4. A reader is handed bytes exactly as they were published. The bus never parses a body, so no body can block a partition.
5. Nothing is fetched from a partition before ``Listener.assigned`` has said where to begin.
   The position belongs to the reader: the bus keeps at most a hint of it (``Subscription.progressed``), for lag displays and retention.
6. A record is not deleted while a registered group has not passed it, unless the operator's retention time is over on a bus that says so.

Not guaranteed: order between keys; absence of repeats; that a partition has one reader at a time (a late owner may read on for a while:
the reader's own compare-and-set decides whose work counts).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from contracts.values import dataclass


class Record(NamedTuple):
    """What is published. ``key`` decides partition and order; ``headers`` are text; ``value`` is never looked into."""

    topic: str
    key: str
    headers: Mapping[str, str]
    value: bytes


class Fetched(NamedTuple):
    """What is read. A key or header that is no UTF-8 arrives with its bad bytes written as ``\\xNN``."""

    topic: str
    partition: int
    offset: int
    key: str
    headers: Mapping[str, str]
    value: bytes


class Partition(NamedTuple):
    """One ordered log of a topic."""

    topic: str
    number: int


class Bounds(NamedTuple):
    """``beginning`` is the offset of the first record still kept, ``end`` the one the next record will get."""

    beginning: int
    end: int


@dataclass(frozen=True, slots=True)
class Features:
    """What an adapter promises beyond the guarantees above; the conformance suite runs the tests they call for.

    ``dense_offsets``: offsets of a partition have no holes.
    ``competing_consumers``: partitions are shared out among the subscriptions of one group; without it each gets all of them.
    ``survives_restart``: records outlive the process that published them.
    ``publishes_once``: a record published again is kept once (by ``ce_id``).
    ``partitions``: partitions of a topic made without saying how many.
    ``any_loop``: ``bounds`` and ``check`` may be asked from any event loop; without it only from the one the bus was first used on.
    """

    dense_offsets: bool
    competing_consumers: bool
    survives_restart: bool
    publishes_once: bool
    partitions: int
    any_loop: bool


class Listener(Protocol):
    """Told when partitions come and go: within ``fetch`` and ``close`` of the subscription, so never while its reader works on a batch."""

    async def assigned(self, partitions: Mapping[Partition, Bounds]) -> Mapping[Partition, int]:
        """Where to begin in each; a partition left out is not fetched. May take its time: nothing is fetched meanwhile."""
        ...

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        """They may be someone else's by now. Those it left out are named too."""
        ...


class Subscription(Protocol):
    """One group's reading of some topics. Used by one task."""

    async def fetch(self, max_records: int, timeout: float) -> list[Fetched]:  # noqa: ASYNC109 - an empty answer is normal
        """The next records, in order within each partition; [] when ``timeout`` seconds brought none. Moves the position past them."""
        ...

    def seek(self, partition: Partition, offset: int) -> None:
        """Read on from ``offset``: after a failed transaction the same records are fetched again. Ignored for partitions not assigned."""
        ...

    def reclaim(self, partition: Partition) -> None:
        """Another reader of the group has claimed it. Where partitions are shared out (``competing_consumers``): if it is still this
        subscription's, the next ``fetch`` asks ``assigned`` again where to begin; else nothing happens."""
        ...

    async def progressed(self, positions: Mapping[Partition, int]) -> None:
        """A hint how far the group's own transactions have come. Losing it costs nothing but a wrong lag display."""
        ...

    async def close(self, deadline: float) -> None:
        """Leave the group within ``deadline`` seconds; correctness never depends on it."""
        ...


class Bus(Protocol):
    """The port. An object belongs to one event loop."""

    features: Features

    async def create_topics(self, topics: Sequence[str]) -> None:
        """Make the topics that do not exist, with ``features.partitions`` partitions."""
        ...

    async def publish(self, records: Sequence[Record]) -> None:
        """Guarantees 1 and 2. Raises TemporaryError when the bus cannot be reached or is full."""
        ...

    async def subscribe(self, group: str, topics: Sequence[str], listener: Listener, gather: float = 0.0) -> Subscription:
        """Join ``group``. A ``fetch`` brings the first call of ``listener.assigned``; where a group has to agree, a later one.

        ``gather``: seconds for which a few records may wait for more before they are handed out, where each handing out costs something.
        """
        ...

    async def bounds(self, topics: Sequence[str]) -> Mapping[Partition, Bounds]:
        """Where each partition of those topics begins and ends now; topics that do not exist are left out."""
        ...

    async def check(self) -> None:
        """Return if the bus can be reached, raise TemporaryError saying why not."""
        ...

    async def close(self, deadline: float) -> None:
        """Finish what was accepted, within ``deadline`` seconds."""
        ...
