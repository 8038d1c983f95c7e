"""The envelope: CloudEvents 1.0 attributes around one event, and the base class of every event.

Wire form on a bus is *binary mode*: the attributes travel as ``ce_*`` headers, the body is the event's own JSON.
Webhooks and exports use *structured mode*: one JSON object.
Source: CloudEvents 1.0 specification, Kafka protocol binding; the extension names are listed in the catalogue (README.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

CONTENT_TYPE = "application/json"
SPEC_VERSION = "1.0"


class Event(BaseModel):
    """A fact in the past tense. Frozen; readers ignore fields they do not know, so a publisher may add optional ones."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    """CloudEvents type with its major version: ``registration.filing_submitted.v1``."""
    topic: ClassVar[str]
    """The topic it is published to: ``registration.events``."""

    def key(self) -> str:
        """The key whose order is kept: every event of one key is read in the order it was committed."""
        raise NotImplementedError


class Envelope(NamedTuple):
    """One event as it travels: CloudEvents attributes and the undecoded body.

    ``seq`` is dense from 1 for each (topic, key): it shows duplicates, order and loss.
    """

    id: str
    source: str
    type: str
    subject: str
    time: str
    key: str
    seq: int
    correlation_id: str
    causation_id: str | None
    data: bytes
    traceparent: str | None = None

    def headers(self) -> dict[str, str]:
        """The ``ce_*`` headers of binary mode."""
        headers = {
            "ce_specversion": SPEC_VERSION,
            "ce_id": self.id,
            "ce_source": self.source,
            "ce_type": self.type,
            "ce_subject": self.subject,
            "ce_time": self.time,
            "ce_dataschema": f"urn:sluicegate:{self.type}",
            "ce_partitionkey": self.key,
            "ce_streamseq": str(self.seq),
            "ce_correlationid": self.correlation_id,
            "content-type": CONTENT_TYPE,
        }
        if self.causation_id is not None:
            headers["ce_causationid"] = self.causation_id
        if self.traceparent is not None:
            headers["ce_traceparent"] = self.traceparent
        return headers

    @classmethod
    def of_headers(cls, headers: Mapping[str, str], data: bytes) -> Envelope:
        """Read binary mode. Raises KeyError for a missing attribute, ValueError for a ``streamseq`` that is no positive number."""
        seq = int(headers["ce_streamseq"])
        if seq < 1:
            raise ValueError(f"ce_streamseq must be 1 or more, not {seq}")
        return cls(
            id=headers["ce_id"],
            source=headers["ce_source"],
            type=headers["ce_type"],
            subject=headers["ce_subject"],
            time=headers["ce_time"],
            key=headers["ce_partitionkey"],
            seq=seq,
            correlation_id=headers["ce_correlationid"],
            causation_id=headers.get("ce_causationid"),
            data=data,
            traceparent=headers.get("ce_traceparent"),
        )

    def structured(self) -> dict[str, Any]:
        """Structured mode: one JSON object whose ``data`` is the event."""
        return {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": CONTENT_TYPE,
            "dataschema": f"urn:sluicegate:{self.type}",
            "partitionkey": self.key,
            "streamseq": str(self.seq),
            "correlationid": self.correlation_id,
            **({"causationid": self.causation_id} if self.causation_id else {}),
            "data": json.loads(self.data),
        }
