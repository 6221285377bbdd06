"""PostgreSQL keeps the greetings; Redis counts visits, and the process does where there is no Redis."""

import threading
from contextlib import closing

import psycopg2
import redis

from src.settings import Settings


class Greetings:
    def __init__(self, settings: Settings) -> None:
        self._arguments = settings.postgres

    def _query(self, sql: str, *parameters):
        with closing(psycopg2.connect(**self._arguments)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchone()[0]

    def version(self) -> str:
        return self._query("SELECT current_setting('server_version')")

    def add(self, name: str) -> int:
        return self._query("INSERT INTO greetings (name) VALUES (%s) RETURNING id", name)

    def count(self) -> int:
        return self._query("SELECT count(*) FROM greetings")


class Visits:
    def __init__(self, settings: Settings) -> None:
        self._lock = threading.Lock()
        self._here = 0
        self._redis = None
        if settings.redis_url:
            self._redis = redis.Redis.from_url(
                settings.redis_url, password=settings.redis_password or None, socket_timeout=3, socket_connect_timeout=3
            )

    @property
    def shared(self) -> bool:
        return self._redis is not None

    def version(self) -> str:
        return self._redis.info("server")["redis_version"]

    def add(self) -> int:
        if self._redis is not None:
            return self._redis.incr("api-forge:visits")
        with self._lock:
            self._here += 1
            return self._here
