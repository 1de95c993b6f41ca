"""The API and the web page, on one port."""

import time
from collections.abc import Sequence
from datetime import timedelta

import structlog
from prometheus_client import CollectorRegistry

from earwitness import address, encrypting, health, privileges, wiring
from earwitness.gauges import PartCollector
from earwitness.keeping.plan import plan
from earwitness.public_keys import own_keys
from earwitness.settings import ApiSettings, Settings
from earwitness.stop import on_signals
from indexer import segmenter
from qa_api.metrics import Metrics
from qa_api.schemas.system import Condition, Part
from qa_api.serve import Listener
from qa_api.services import Services, SessionPolicy
from storage.catalogue import Catalogue
from storage.targets.timely import TimelyTarget

REMEMBERED = timedelta(seconds=1)
"""For so long the health of the parts is answered from memory."""
ANSWERS_WITHIN = 15.0
"""Seconds for which a listener waits for a target; sooner where there is another copy."""


def run(settings: Settings) -> None:
    """Serve until a signal comes; one that comes before it listens ends it at once."""
    on_signals(_leave)
    privileges.give_up(settings.user)
    api = settings.api
    privileges.refuse_root("API", allowed=api.allow_root)
    catalogue = wiring.catalogue(settings)
    segmenter.warm_up()
    try:
        given = services(settings, catalogue)
        listener = Listener(given, api.host, api.port, trusted_proxies=api.trusted_proxies)
        address.announce(settings.folders.run, api.host, listener.port)
        listener.run()
    finally:
        catalogue.close()


def _leave() -> None:
    raise SystemExit(0)


def services(settings: Settings, catalogue: Catalogue) -> Services:
    """What the application is given."""
    parts = Parts(settings)
    registry = CollectorRegistry()
    registry.register(PartCollector(parts.reports))
    return Services(
        catalogue=catalogue,
        engine=wiring.search_reader(settings),
        targets={
            name: TimelyTarget(target, ANSWERS_WITHIN, chunks=1)
            for name, target in encrypting.readable(settings, catalogue).items()
        },
        nearness=lambda: wiring.nearness(settings, catalogue),
        stored=wiring.targets(settings, catalogue),
        seal_keys=lambda: own_keys(settings),
        sessions=policy(settings.api),
        health=parts.health,
        plan=plan(settings),
        metrics=Metrics(registry),
        metrics_token=settings.api.metrics_token,
        log=structlog.get_logger("api"),
    )


def policy(api: ApiSettings) -> SessionPolicy:
    """Where the page may be served from."""
    return SessionPolicy(origins=frozenset(api.origins), secure_cookies=api.secure_cookies)


class Parts:
    """The health of the parts as the API shows it, remembered for a second."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.folders.run
        self._at = 0.0
        self._reports: list[health.Report] = []

    def reports(self) -> list[health.Report]:
        """What is known of each part."""
        now = time.time()
        if not 0 <= now - self._at < REMEMBERED.total_seconds():
            self._reports, self._at = health.read(self._folder, now), now
        return self._reports

    def health(self) -> Sequence[Part]:
        """The same in the words of the API."""
        return [
            Part(
                name=report.part,
                condition=Condition.WELL if report.well else Condition.UNWELL,
                detail=report.detail,
            )
            for report in self.reports()
        ]
