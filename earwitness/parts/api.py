"""The API and the web page, on one port."""

import socket
import ssl
import time
from collections.abc import Sequence

import structlog
import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from earwitness import health, privileges, wiring
from earwitness.errors import PartError
from earwitness.gauges import PartCollector
from earwitness.settings import ApiSettings, Settings
from qa_api.app import create_app
from qa_api.metrics import Metrics
from qa_api.schemas.system import Condition, Part
from qa_api.services import Services
from storage.catalogue import Catalogue

REMEMBERED = 1.0
"""Seconds for which the health of the parts is answered from memory."""
GRACE = 3
"""Seconds that running requests have when the server stops."""


def run(settings: Settings) -> None:
    """Serve until a signal comes. The port is bound first, as ports below 1024 need rights that go then."""
    listener = listen(settings.api)
    privileges.give_up(settings.user)
    privileges.refuse_root("API", allowed=settings.api.allow_root)
    application, catalogue = build(settings)
    server = uvicorn.Server(config(settings.api, application))
    try:
        server.run(sockets=[listener])
    finally:
        catalogue.close()


def listen(api: ApiSettings) -> socket.socket:
    """A listening socket; raises ``PartError`` where the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in api.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((api.host, api.port))
    except OSError as error:
        listener.close()
        raise PartError(
            f"Port {api.port} of {api.host} cannot be used: {error.strerror}. "
            "Choose another: --set api.port=8081"
        ) from error
    return listener


def build(settings: Settings) -> tuple[FastAPI, Catalogue]:
    """The application with its services, and the catalogue to be closed after it."""
    catalogue = wiring.catalogue(settings)
    parts = Parts(settings)
    registry = CollectorRegistry()
    registry.register(PartCollector(parts.reports))
    services = Services(
        catalogue=catalogue,
        engine=wiring.search_reader(settings),
        targets=wiring.targets(settings),
        health=parts.health,
        metrics=Metrics(registry),
        metrics_token=settings.api.metrics_token,
        log=structlog.get_logger("api"),
    )
    return create_app(services), catalogue


def config(api: ApiSettings, application: FastAPI) -> uvicorn.Config:
    """How the application is served: our logs, TLS where a certificate is set, no name of the server."""
    made = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        ssl_certfile=api.tls_certificate,
        ssl_keyfile=api.tls_key,
    )
    try:
        made.load()
    except (OSError, ssl.SSLError) as error:
        raise PartError(f"The TLS certificate or key cannot be used: {error}.") from error
    return made


class Parts:
    """The health of the parts as the API shows it, remembered for a second."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.folders.run
        self._at = 0.0
        self._reports: list[health.Report] = []

    def reports(self) -> list[health.Report]:
        """What is known of each part."""
        now = time.time()
        if not 0 <= now - self._at < REMEMBERED:
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
