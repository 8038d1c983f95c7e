"""The lines the guarantees rest on, each with what it is without them and the tests that must notice.

``old`` is found by its exact text, once: a line that was moved or rewritten fails loudly and is to be looked at again.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """``old`` in ``file`` becomes ``new``. ``needs``: real parts (``postgresql``, ``kafka``) the tests cannot do without."""

    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    needs: tuple[str, ...] = ()


CONSUMER = "tests/chassis/test_consumer.py::"
DELIVERY = "tests/chassis/test_delivery.py::"
OUTBOX = "tests/chassis/test_outbox.py::"

MUTATIONS = (
    Mutation(
        "the offset moves whoever owns the partition",
        "chassis/consumer.py",
        "        if moved != len(moves):\n",
        "        if moved < 0:\n",
        (f"{CONSUMER}test_a_late_owner_changes_nothing_and_says_so[sqlite]",),
    ),
    Mutation(
        "the offset is not compared before it is set",
        "chassis/consumer.py",
        "AND next_offset = ? AND epoch = ?",
        "AND ? >= 0 AND ? >= 0",
        (f"{CONSUMER}test_a_late_owner_changes_nothing_and_says_so[sqlite]",),
    ),
    Mutation(
        "after a failure the reader goes on where the bus is",
        "chassis/consumer.py",
        "                subscription.seek(partition, stored.next_offset)\n",
        "                pass\n",
        (f"{CONSUMER}test_a_round_that_breaks_anywhere_is_done_again_once",),
    ),
    Mutation(
        "a repeat is not recognised",
        "chassis/inbox.py",
        "        if seq <= self.seq:\n",
        "        if seq < 0:\n",
        (f"{DELIVERY}test_repeats_and_interleavings_change_nothing",),
    ),
    Mutation(
        "a lost event is not noticed",
        "chassis/inbox.py",
        "return Standing.NEXT if following else Standing.GAP",
        "return Standing.NEXT",
        (f"{DELIVERY}test_a_lost_event_holds_its_key_until_it_is_published_again",),
    ),
    Mutation(
        "what follows a parked event does not wait",
        "chassis/inbox.py",
        "        return Standing.BEHIND\n",
        "        return Standing.NEXT\n",
        (f"{DELIVERY}test_what_cannot_be_read_parks_its_key_and_lets_all_others_flow",),
    ),
    Mutation(
        "an event that fails is passed over instead of parked",
        "chassis/delivery.py",
        "        self._put_aside(tx, [item.failed(error, tx.now)])\n",
        "",
        (f"{DELIVERY}test_a_failing_batch_is_halved_until_the_guilty_event_stands_alone",),
    ),
    Mutation(
        "an event is forgotten before the bus has it",
        "chassis/relay.py",
        '            failpoint("relay.after_read")\n',
        '            await self._pending.confirm([row[0] for row in rows])\n            failpoint("relay.after_read")\n',
        (f"{OUTBOX}test_the_relay_goes_on_after_the_bus_was_away[sqlite]",),
    ),
    Mutation(
        "an event is not put into the pending set",
        "chassis/dialects/sqlite.py",
        "SELECT id FROM outbox WHERE id > ?",
        "SELECT id FROM outbox WHERE id < ? AND false",
        (f"{OUTBOX}test_the_relay_publishes_in_order_and_forgets[sqlite]",),
    ),
    Mutation(
        "the number of a stream is not taken from its row",
        "chassis/dialects/sqlite.py",
        "DO UPDATE SET seq = stream_head.seq + excluded.seq",
        "DO UPDATE SET seq = excluded.seq",
        (f"{OUTBOX}test_numbers_are_dense_for_each_topic_and_key[sqlite]",),
    ),
    Mutation(
        "the number of a stream is not taken from its row, PostgreSQL",
        "chassis/dialects/statements.py",
        "DO UPDATE SET seq = stream_head.seq + excluded.seq",
        "DO UPDATE SET seq = excluded.seq",
        (f"{OUTBOX}test_numbers_are_dense_for_each_topic_and_key[postgresql]",),
        ("postgresql",),
    ),
    Mutation(
        "two replicas write at the same time",
        "chassis/dialects/postgresql.py",
        'f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"',
        '"SELECT 1"',
        ("tests/proof/test_one_writer.py::test_what_two_replicas_decide_at_once_they_decide_one_after_the_other[postgresql]",),
        ("postgresql",),
    ),
    Mutation(
        "two replicas publish at the same time",
        "chassis/dialects/publishing.py",
        "if not mine:",
        "if mine is None:",
        (f"{OUTBOX}test_while_one_replica_publishes_the_other_takes_nothing[postgresql]",),
        ("postgresql",),
    ),
    Mutation(
        "an answer is given before the commit",
        "chassis/writer.py",
        "            labels = {unit.label for unit in units if unit.error is None}\n",
        "            _settle(units)\n            labels = {unit.label for unit in units if unit.error is None}\n",
        ("tests/chassis/test_database.py::test_nobody_hears_of_success_when_the_commit_fails[sqlite]",),
    ),
    Mutation(
        "the answer to a key is not kept",
        "chassis/idempotency.py",
        "    for claim in claims:\n",
        "    for claim in ():\n",
        ("tests/chassis/test_idempotency.py::test_the_same_call_again_gets_the_same_answer_and_does_nothing[sqlite]",),
    ),
    Mutation(
        "a new reader of the embedded bus begins where it likes",
        "chassis/bus/sqlite.py",
        "        positions = dict(await self._listener.assigned(bounds))\n",
        "        await self._listener.assigned(bounds)\n        positions = {place: at.beginning for place, at in bounds.items()}\n",
        ("tests/chassis/test_bus_sqlite.py",),
    ),
    Mutation(
        "a new reader of Kafka begins where the client likes",
        "chassis/bus/kafka/subscription.py",
        "            member.consumer.seek(TopicPartition(*place), offset)\n            member.consumer.resume(TopicPartition(*place))\n"
        "            self._positions[place] = offset\n",
        "            member.consumer.resume(TopicPartition(*place))\n            self._positions[place] = 0\n",
        ("tests/chassis/test_bus_kafka.py::TestKafkaBus::test_goes_on_where_the_reader_says",),
        ("kafka",),
    ),
    Mutation(
        "event and unit are no key of the delivery ledger",
        "services/notifier/tables/ledger.py",
        '        UniqueConstraint("event_id", "target", name="uq_delivery_event_target"),\n',
        "",
        ("tests/proof/test_one_writer.py::test_an_event_and_whom_it_tells_are_one_key_of_the_delivery_ledger[sqlite]",),
    ),
    Mutation(
        "an event told once is told again",
        "services/notifier/handlers/telling.py",
        "if received.id not in known]",
        "if received.id]",
        ("tests/notifier/test_handlers.py::test_the_same_event_heard_again_tells_nobody_twice",),
    ),
    Mutation(
        "a token of an earlier state of the site installs",
        "services/power_grid/handlers/deciding.py",
        "    if site is None or (claims.site, claims.epoch) != (clearance.site, epoch):\n"
        "        return errors.site_changed(answer.decision, reasons, epoch)\n"
        "    if not clearance.allowed:\n        return errors.not_allowed(answer.decision, reasons, epoch)\n",
        "",
        ("tests/power_grid/test_races.py",),
    ),
)
