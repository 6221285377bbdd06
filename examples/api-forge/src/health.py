"""What can be said about the state of this process and of what it needs."""

from src.stores import Greetings, Visits


def _ask(question) -> tuple[bool, str]:
    try:
        return True, question()
    except Exception as error:  # whatever a driver raises, the answer is the same: it is not there
        return False, "error: " + (str(error).strip().splitlines() or [type(error).__name__])[0]


class Health:
    def __init__(self, greetings: Greetings, visits: Visits) -> None:
        self._greetings = greetings
        self._visits = visits

    def live(self) -> tuple[int, dict]:
        return 200, {"status": "ok"}

    def ready(self, draining: bool) -> tuple[int, dict]:
        """Whether requests should come here. Without Redis the app still serves, so it is not asked."""
        if draining:
            return 503, {"status": "draining"}
        ok, postgres = _ask(self._greetings.version)
        return (200 if ok else 503), {"status": "ok" if ok else "unhealthy", "postgres": postgres}

    def full(self) -> tuple[int, dict]:
        """Everything that is configured, for people, monitoring, and the check at the end of a deploy."""
        ok, postgres = _ask(self._greetings.version)
        report = {"postgres": postgres}
        if self._visits.shared:
            redis_ok, report["redis"] = _ask(self._visits.version)
            ok = ok and redis_ok
        return (200 if ok else 503), {"status": "ok" if ok else "unhealthy", **report}
