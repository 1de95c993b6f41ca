"""What the API counts, in a registry of its own."""

from prometheus_client import CollectorRegistry, Counter, Histogram

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """Counters of one application, in the registry given by whoever serves ``/metrics``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.requests = Counter(
            "earwitness_http_requests", "Requests answered", ("route", "method", "status"), registry=registry
        )
        self.seconds = Histogram(
            "earwitness_http_seconds",
            "Time until the answer began",
            ("route",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self.sign_ins = Counter("earwitness_sign_ins", "Attempts to sign in", ("outcome",), registry=registry)
        self.playbacks = Counter("earwitness_playbacks", "Calls played", registry=registry)
        self.downloads = Counter("earwitness_downloads", "Calls downloaded", registry=registry)
