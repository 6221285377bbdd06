"""One line per event on standard output: a JSON object, or text for people."""

import json
import sys
import time

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class Log:
    def __init__(self, level: str = "INFO", format: str = "json") -> None:
        self._text = format == "text"
        self._lowest = LEVELS.index(level)

    def write(self, level: str, message: str, **fields) -> None:
        if LEVELS.index(level) < self._lowest:
            return
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        if self._text:
            line = " ".join([now, level, message, *(f"{name}={value}" for name, value in fields.items())])
        else:
            line = json.dumps({"time": now, "level": level, "message": message, **fields}, ensure_ascii=False)
        # One write per line: threads must not mix theirs.
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def debug(self, message: str, **fields) -> None:
        self.write("DEBUG", message, **fields)

    def info(self, message: str, **fields) -> None:
        self.write("INFO", message, **fields)

    def warning(self, message: str, **fields) -> None:
        self.write("WARNING", message, **fields)

    def error(self, message: str, **fields) -> None:
        self.write("ERROR", message, **fields)
