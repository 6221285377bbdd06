"""Probe of the worker: exit status 0 while it lives. Run as a file, so it finds its neighbour by itself."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from src.worker.heartbeat import alive  # noqa: E402

sys.exit(0 if alive() else 1)
