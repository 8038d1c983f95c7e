"""Builds the AsyncAPI 3 document of the catalogue: a channel per topic, a message per event, an operation per service and topic."""

from __future__ import annotations

from typing import Any

from contracts.catalogue import STREAMS, Stream
from contracts.envelope import CONTENT_TYPE, SPEC_VERSION, Event

ATTRIBUTES = {
    "ce_specversion": {"const": SPEC_VERSION},
    "ce_id": {"type": "string", "description": "unique for the event; the same again is the same event"},
    "ce_source": {"type": "string", "description": "the service that published it"},
    "ce_type": {"type": "string", "description": "type with its major version"},
    "ce_subject": {"type": "string"},
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_dataschema": {"type": "string", "description": "urn:sluicegate: and the type"},
    "ce_partitionkey": {"type": "string", "description": "the key whose order is kept"},
    "ce_streamseq": {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "dense from 1 for each topic and key"},
    "ce_correlationid": {"type": "string", "description": "one for everything that follows from one request"},
    "ce_causationid": {"type": "string", "description": "the id of the request or event that caused this one"},
    "ce_traceparent": {"type": "string", "description": "W3C trace context"},
    "content-type": {"const": CONTENT_TYPE},
}
OPTIONAL = ("ce_causationid", "ce_traceparent")


def document(version: str) -> dict[str, Any]:
    """The whole document; payloads refer to the schema files beside it. ``version`` is that of the distribution."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "水闸 Sluicegate",
            "version": version,
            "description": "制造业新办登记源头管控的全部消息 / every message of the source control of new manufacturing registration. "
            "CloudEvents 1.0, Kafka binary mode: attributes in the headers, the event's JSON in the body.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {stream.topic: _channel(stream) for stream in STREAMS},
        "operations": {name: operation for stream in STREAMS for name, operation in _operations(stream).items()},
        "components": {
            "messages": {event.type: _message(event) for stream in STREAMS for event in stream.events},
            "messageTraits": {
                "cloudevent": {
                    "headers": {
                        "type": "object",
                        "required": [name for name in ATTRIBUTES if name not in OPTIONAL],
                        "properties": ATTRIBUTES,
                    }
                }
            },
        },
    }


def _channel(stream: Stream) -> dict[str, Any]:
    zh, en = stream.purpose
    return {
        "address": stream.topic,
        "title": f"{zh} / {en}",
        "description": f"Order is kept for each {stream.key}.",
        "messages": {event.type: {"$ref": f"#/components/messages/{event.type}"} for event in stream.events},
    }


def _operations(stream: Stream) -> dict[str, Any]:
    channel = {"$ref": f"#/channels/{stream.topic}"}
    operations: dict[str, Any] = {
        f"{stream.publisher}.sends.{stream.topic}": {
            "action": "send",
            "channel": channel,
            "summary": f"{stream.publisher} publishes {stream.purpose[1]}",
        }
    }
    for consumer in stream.consumers:
        heard = [event.type for event, consumers in stream.events.items() if consumer in consumers]
        operations[f"{consumer}.receives.{stream.topic}"] = {
            "action": "receive",
            "channel": channel,
            "messages": [{"$ref": f"#/channels/{stream.topic}/messages/{name}"} for name in heard],
            "summary": f"{consumer} hears {stream.purpose[1]}",
        }
    return operations


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.type,
        "title": event.__name__,
        "contentType": CONTENT_TYPE,
        "traits": [{"$ref": "#/components/messageTraits/cloudevent"}],
        "payload": {"$ref": f"./{event.type}.json"},
    }
