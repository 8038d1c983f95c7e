"""What is measured of one service, in a registry of its own: several services may live in one process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

Sample = tuple[str, str, dict[str, str], float]
"""Name, help, labels, value."""


class Metrics:
    """Latencies are counted as they happen; the state of outbox, consumer and quarantine is read when asked for."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "sluicegate_http_request_seconds",
            "Time from the first byte of a request to its answer",
            ("service", "method", "route", "status"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._batches = Histogram(
            "sluicegate_handler_seconds",
            "Time of one handler run, a batch of messages or commands, without the commit",
            ("service", "handler"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._items = Counter(
            "sluicegate_handler_items", "Messages and commands given to a handler", ("service", "handler"), registry=self.registry
        )
        self._request_children: dict[tuple[str, str, int], Histogram] = {}
        self._handler_children: dict[str, tuple[Histogram, Counter]] = {}

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        child = self._request_children.get((method, route, status))
        if child is None:
            child = self._requests.labels(self.service, method, route, str(status))
            self._request_children[method, route, status] = child
        child.observe(seconds)

    def handled(self, handler: str, items: int, seconds: float) -> None:
        children = self._handler_children.get(handler)
        if children is None:
            children = self._batches.labels(self.service, handler), self._items.labels(self.service, handler)
            self._handler_children[handler] = children
        children[0].observe(seconds)
        children[1].inc(items)


class Together(Collector):
    """The counters of several services and some values read just before, each family once."""

    def __init__(self, registries: Iterable[CollectorRegistry], samples: Iterable[Sample]) -> None:
        self._registries = registries
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for registry in self._registries:
            for family in registry.collect():
                if family.name in families:
                    families[family.name].samples.extend(family.samples)
                else:
                    families[family.name] = family
        for name, help_text, labels, value in self._samples:
            family = families.setdefault(name, GaugeMetricFamily(name, help_text, labels=list(labels)))
            family.add_sample(name, labels, value)
        yield from families.values()
