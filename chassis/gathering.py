"""Concurrent HTTP commands for one handler share a batch: what arrives while a transaction runs goes into the next one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any

import structlog
from starlette.responses import Response

from chassis.answer import Answer, respond
from chassis.database import Database, Transaction
from chassis.errors import StorageUnavailableError, TemporaryError
from chassis.idempotency import REPLAYED_HEADER, Claim, Kept, keep_answers, kept_answers
from chassis.messages import Command
from chassis.problems import Problem, internal_error
from contracts.values import dataclass

log = structlog.get_logger("service")

Shape = Callable[[Any], Answer]
Answers = Callable[[Sequence[Command[Any]], Transaction], list[Any]]
"""Runs one handler on a batch in a transaction, messages included."""


@dataclass(slots=True, eq=False)
class Call:
    """One HTTP command on its way: ``shape`` turns the handler's answer into the HTTP answer before the commit."""

    command: Command[Any]
    shape: Shape
    claim: Claim | None
    outcome: asyncio.Future[Outcome] = field(init=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The encoded answer, first given or ``replayed``."""

    kept: Kept
    replayed: bool = False

    def response(self) -> Response:
        again = {REPLAYED_HEADER: "true"} if self.replayed else {}
        return respond(self.kept.status, self.kept.body, {**self.kept.headers, **again})


class Gathering:
    """The waiting calls of one handler. Runs one transaction at a time, of at most ``limit`` calls."""

    def __init__(self, database: Database, answers: Answers, limit: int) -> None:
        self._database = database
        self._answers = answers
        self._limit = limit
        self._waiting: deque[Call] = deque()
        self._task: asyncio.Task[None] | None = None

    async def run(self, call: Call) -> Outcome:
        """Raises what refused this call; the others of its batch stand."""
        call.outcome = asyncio.get_running_loop().create_future()
        self._waiting.append(call)
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        return await call.outcome

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._limit))]
                await self._settle(batch)
        finally:
            self._task = None

    async def _settle(self, batch: Sequence[Call]) -> None:
        try:
            outcomes = await self._database.write(lambda tx: self._work(tx, batch), "api")
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, StorageUnavailableError):
                for call in batch:
                    await self._settle([call])
                return
            outcomes = [error] * len(batch)
        for call, outcome in zip(batch, outcomes, strict=True):
            if call.outcome.done():
                continue  # the caller has gone
            if isinstance(outcome, Outcome):
                call.outcome.set_result(outcome)
            else:
                call.outcome.set_exception(outcome)

    def _work(self, tx: Transaction, batch: Sequence[Call]) -> list[Outcome | Exception]:
        """On the writing thread, inside the transaction."""
        before = kept_answers(tx, [call.claim for call in batch if call.claim])
        fresh = [call for call in batch if call.claim not in before]
        outcomes: dict[Call, Outcome | Exception] = {}
        if fresh:
            for call, answer in zip(fresh, self._answers([call.command for call in fresh], tx), strict=True):
                outcomes[call] = answer if isinstance(answer, Problem) else Outcome(_encoded(call.shape(answer)))
        keep_answers(tx, [(call.claim, given.kept) for call, given in outcomes.items() if call.claim and isinstance(given, Outcome)])
        for call in batch:
            if call.claim in before:
                kept = before[call.claim]
                outcomes[call] = kept if isinstance(kept, Problem) else Outcome(kept, replayed=True)
        return [outcomes[call] for call in batch]


def _encoded(answer: Answer) -> Kept:
    return Kept(answer.status, dict(answer.headers), answer.encoded())


def one_by_one(answers: Answers, commands: Sequence[Command[Any]], tx: Transaction) -> list[Any]:
    """Run each command under its own savepoint: those that fail are undone and answered with a Problem, the others stand."""
    given: list[Any] = []
    for command in commands:
        try:
            with tx.savepoint():
                given += answers([command], tx)
        except Problem as problem:
            given.append(problem)
        except TemporaryError:
            raise
        except Exception as error:
            if not tx.stands() or tx.backend.outage(error, writing=True):
                raise
            log.exception("one item of a batch failed", correlation_id=command.correlation_id)
            given.append(internal_error())
    return given
