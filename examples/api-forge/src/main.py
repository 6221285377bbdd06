"""The web application."""

import os
import signal
import threading

from src import settings as configuration
from src.health import Health
from src.log import Log
from src.server import Server
from src.stores import Greetings, Visits
from src.temporal import Workflows
from src.tokens import Tokens


STOP = {signal.SIGTERM, signal.SIGINT}


def main() -> None:
    # Blocked in every thread that is started from here on, and taken by sigwait: a handler would depend on the kernel
    # picking the main thread. Process 1 of a container also needs a handler, or the kernel drops the signal.
    for name in STOP:
        signal.signal(name, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)

    settings = configuration.load()
    log = Log(settings.log_level, settings.log_format)
    # A default secret in production would let anybody sign: better not to start.
    if settings.environment == "production" and not settings.session_secret:
        raise SystemExit("SESSION_SIGNING_SECRET is missing: mount the secret session_signing_secret at /run/secrets")
    tokens = Tokens(settings.session_secret or "dev-only-session-secret", settings.token_minutes)
    greetings, visits, workflows = Greetings(settings), Visits(settings), Workflows(settings)
    health = Health(greetings, visits)

    def home(_query):
        return 200, {"app": settings.name, "version": settings.version, "environment": settings.environment, "visits": visits.add()}

    def hello(query):
        if not workflows.enabled:
            return 503, {"error": "Temporal is switched off"}
        try:
            return 200, {"result": workflows.hello(query.get("name", "world"))}
        except Exception as error:
            log.warning("workflow failed", error=repr(error))
            return 502, {"error": "the workflow did not finish"}

    server = Server(
        (settings.host, settings.port),
        {
            "/": home,
            "/hello": hello,
            "/token": lambda query: (200, {"token": tokens.issue(query.get("name", "world"))}),
            "/token/check": lambda query: (200, {"name": tokens.check(query.get("token", ""))}),
            "/greetings": lambda _query: (200, {"count": greetings.count()}),
            "/health": lambda _query: health.full(),
            "/health/live": lambda _query: health.live(),
            "/health/ready": lambda _query: health.ready(server.draining.is_set()),
        },
        log,
        settings.cors_origins,
    )
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True, name="http").start()
    log.info("serving", port=server.server_port, version=settings.version, uid=os.getuid())
    signal.sigwait(STOP)
    log.info("draining", seconds=settings.drain_seconds)
    server.drain(settings.drain_seconds)
    log.info("stopped")


if __name__ == "__main__":
    main()
