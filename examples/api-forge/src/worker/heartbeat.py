"""How a worker, which serves no port, shows that it is alive: a file that the loop which polls touches again and again."""

import time
from pathlib import Path

FILE = Path("/tmp/worker-alive")
BEAT_SECONDS = 5
DEAD_AFTER_SECONDS = 30


def beat() -> None:
    FILE.touch()


def alive() -> bool:
    return FILE.exists() and time.time() - FILE.stat().st_mtime < DEAD_AFTER_SECONDS
