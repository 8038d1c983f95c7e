"""One member of a consumer group: joining, what it is told of partitions, leaving. It fetches nothing before the reader has claimed.

aiokafka rebalances in a background task. Here that task only pauses and takes notes; the reader acts on the notes at its next
fetch, so that nothing happens to a partition while a batch of it is worked on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]

from chassis.bus import Partition
from chassis.bus.kafka.connecting import client_options, let_go, said
from chassis.bus.kafka_settings import KafkaSettings
from chassis.errors import TemporaryError

DRAIN_SECONDS = 15.0
"""How long a rebalance waits for the batch that is being worked on; after that the reader's compare-and-set decides."""

_FETCH_WAIT_MS = 100  # a partition that ran empty waits for the fetch of the others: keep that short
_FETCH_BYTES, _PARTITION_BYTES = 8 * 1024 * 1024, 1024 * 1024  # a larger record is sent all the same, alone
_GATHERED_BYTES = 64 * 1024  # a crowd: it waits for nobody
_HEARTBEATS = 6  # in a session
_HINT_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class Member(ConsumerRebalanceListener):  # type: ignore[misc]
    """``assigned``: partitions the group has given it and nobody has claimed yet, None if there are none such.
    ``revoking``: a rebalance waits until ``released`` is called. ``bell`` rings when either changes.
    ``gather``: seconds for which the broker keeps a few records back, so that more are sent at once: a fetch costs both sides the same
    for one record as for a hundred, and each record that comes ends one.
    """

    def __init__(self, settings: KafkaSettings, group: str, topics: Sequence[str], gather: float) -> None:
        session = int(settings.session_timeout * 1000)
        self.consumer = AIOKafkaConsumer(
            **client_options(settings),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            session_timeout_ms=session,
            heartbeat_interval_ms=min(3000, session // _HEARTBEATS),
            rebalance_timeout_ms=int(settings.rebalance_timeout * 1000),
            max_poll_interval_ms=int(settings.poll_timeout * 1000),
            fetch_min_bytes=_GATHERED_BYTES if gather else 1,
            fetch_max_wait_ms=int(gather * 1000) or _FETCH_WAIT_MS,
            fetch_max_bytes=_FETCH_BYTES,
            max_partition_fetch_bytes=_PARTITION_BYTES,
        )
        self.assigned: frozenset[Partition] | None = None
        self.revoking = False
        self.bell = asyncio.get_running_loop().create_future()
        self._released = asyncio.Event()
        self._holding = False
        self._patience = settings.rebalance_timeout + settings.session_timeout + DRAIN_SECONDS
        self._drain = min(DRAIN_SECONDS, settings.rebalance_timeout / 2)
        self._homeless_since: float | None = time.monotonic()
        self._hint: asyncio.Task[None] | None = None
        self.consumer.subscribe(list(topics), listener=self)
        self._starting = asyncio.ensure_future(self.consumer.start())
        self._starting.add_done_callback(lambda _: self.ring())

    @property
    def started(self) -> bool:
        return bool(self._starting.done())

    def check(self) -> None:
        """Raise TemporaryError if this member will not come to anything any more: make another."""
        if self._starting.done() and (error := self._starting.exception()) is not None:
            raise TemporaryError(f"Kafka: joining the group: {said(error)}")
        for task in self._tasks():
            if task.done():
                reason = "cancelled" if task.cancelled() else said(task.exception() or KafkaError("ended"))
                raise TemporaryError(f"Kafka: the client stopped: {reason}")
        if self._homeless_since is not None and time.monotonic() - self._homeless_since > self._patience:
            raise TemporaryError(f"Kafka: the group gave no partitions within {self._patience:g} s")

    def hold(self, partitions: Sequence[Partition]) -> None:
        """The reader has claimed what was assigned."""
        self.assigned = None
        self._holding = bool(partitions)

    def released(self) -> None:
        """The reader has let go of what is being revoked."""
        self._holding = False
        self._released.set()

    def tell(self, positions: dict[TopicPartition, int]) -> None:
        """Commit offsets for whoever looks at the group's lag; a commit that takes long or fails is none."""
        if positions and (self._hint is None or self._hint.done()):
            self._hint = asyncio.ensure_future(self._commit(positions))

    async def leave(self, seconds: float) -> None:
        """Out of the group within ``seconds`` and a little more."""
        self.released()
        stopping = asyncio.ensure_future(self._stop())
        await asyncio.wait([stopping], timeout=seconds)
        if not stopping.done():
            stopping.cancel()
            await let_go(self.consumer, self.consumer._client, [self._starting, *self._tasks(everything=True)])
        if self._hint is not None:
            self._hint.cancel()

    def ring(self) -> None:
        if not self.bell.done():
            self.bell.set_result(None)

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Called by aiokafka when the group begins to share out anew."""
        self.assigned = None
        self._homeless_since = time.monotonic()
        self._released.clear()
        self.revoking = True
        self.ring()
        if self._holding:
            try:
                async with asyncio.timeout(self._drain):
                    await self._released.wait()
            except TimeoutError:
                _log.warning("kafka.batch_outlasts_rebalance", seconds=self._drain)

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """Called by aiokafka with all partitions it has now. They stay paused until the reader has said where to begin."""
        self.consumer.pause(*assigned)
        for partition in assigned:
            self.consumer.seek(partition, 0)  # or aiokafka asks for a committed offset and goes on from there
        self._homeless_since = None
        self.revoking = False
        self.assigned = frozenset(Partition(*each) for each in assigned)
        self.ring()

    async def _commit(self, positions: dict[TopicPartition, int]) -> None:
        try:
            async with asyncio.timeout(_HINT_SECONDS):
                await self.consumer.commit(positions)
        except (KafkaError, OSError, TimeoutError) as error:
            _log.debug("kafka.hint_failed", error=said(error))

    async def _stop(self) -> None:
        try:
            if not self._starting.done():
                self._starting.cancel()
                await asyncio.wait([self._starting])
            await self.consumer.stop()
        except (KafkaError, OSError, TimeoutError) as error:
            _log.debug("kafka.leaving_failed", error=said(error))

    def _tasks(self, *, everything: bool = False) -> list[asyncio.Task[Any]]:
        """The tasks that must not end; ``everything``: also those that come and go."""
        coordinator, fetcher = self.consumer._coordinator, self.consumer._fetcher
        found = [getattr(coordinator, "_coordination_task", None), getattr(fetcher, "_fetch_task", None)]
        if everything:
            found += [getattr(coordinator, "_heartbeat_task", None), getattr(coordinator, "_commit_refresh_task", None)]
            found += list(getattr(fetcher, "_pending_tasks", ()))
        return [task for task in found if task is not None]
