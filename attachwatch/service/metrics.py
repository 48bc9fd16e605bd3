"""The daemon's health for Prometheus, on this machine only and where the configuration asks for it."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from attachwatch.errors import ConfigurationError
from attachwatch.service.health import Health, Idle


def serve(port: int, health: Callable[[], Health]) -> Callable[[], None]:
    """Serve what `health` says on 127.0.0.1 until the function that is returned is called."""
    registry = CollectorRegistry()
    registry.register(_Collector(health))
    ProcessCollector(registry=registry)
    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        raise ConfigurationError(
            f"metrics_port {port} cannot be used: {error.strerror}", "Choose another, or leave it out."
        ) from None

    def close() -> None:
        with suppress(OSError):
            server.shutdown()
            server.server_close()
            thread.join(1)

    return close


class _Collector(Collector):
    def __init__(self, health: Callable[[], Health]) -> None:
        self._health = health

    def collect(self) -> Iterable[Metric]:
        mailboxes = self._health().mailboxes
        events = CounterMetricFamily(
            "attachwatch_polls", "Polls that ended (polls), and what went wrong with them.", labels=("mailbox", "what")
        )
        failures = GaugeMetricFamily("attachwatch_failures_in_a_row", "0 while polls succeed.", labels=("mailbox",))
        success = GaugeMetricFamily(
            "attachwatch_last_success_timestamp_seconds", "When a poll last succeeded.", labels=("mailbox",)
        )
        idle = GaugeMetricFamily("attachwatch_idle", "1 where the server tells of new mail.", labels=("mailbox",))
        for mailbox in mailboxes:
            for what, count in asdict(mailbox.counts).items():
                events.add_metric((mailbox.name, what), count)
            failures.add_metric((mailbox.name,), mailbox.failures)
            if mailbox.last_success:
                success.add_metric((mailbox.name,), mailbox.last_success.timestamp())
            idle.add_metric((mailbox.name,), mailbox.idle is Idle.ON)
        return (events, failures, success, idle)
