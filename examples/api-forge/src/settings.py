"""Where things are and how they are used: environment variables, and config.yaml for what is switched on."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml

from src.log import LEVELS


@dataclass(frozen=True)
class Settings:
    version: str
    name: str
    environment: str
    host: str
    port: int
    log_level: str
    log_format: str
    drain_seconds: float
    greeting: str
    cors_origins: tuple[str, ...]
    session_secret: str
    token_minutes: int
    postgres: dict
    redis_url: str
    redis_password: str
    temporal_address: str
    temporal_namespace: str
    task_queue: str
    metrics_port: int


def load(env=os.environ) -> Settings:
    config = _config(env.get("CONFIG_FILE", "config.yaml"))
    return Settings(
        version=env.get("APP_VERSION", "dev"),
        name=env.get("APP_NAME", "API Forge"),
        environment=env.get("APP_ENVIRONMENT", "development"),
        host=env.get("APP_HOST", "127.0.0.1"),
        port=int(env.get("APP_PORT", "8000")),
        log_level=_one_of("LOG_LEVEL", env.get("LOG_LEVEL", "INFO").upper(), LEVELS),
        log_format=_one_of("LOG_FORMAT", env.get("LOG_FORMAT", "json"), ("json", "text")),
        drain_seconds=float(env.get("DRAIN_SECONDS", "2")),
        greeting=config.get("app", {}).get("greeting", "Hello"),
        cors_origins=tuple(json.loads(env.get("CORS_ORIGINS", "[]"))),
        session_secret=env.get("SESSION_SIGNING_SECRET", ""),
        token_minutes=int(env.get("TOKEN_TTL", "15")),
        postgres=_postgres(env),
        redis_url=env.get("REDIS_URL", "") if _enabled(config, "redis") else "",
        redis_password=env.get("REDIS_PASSWORD", ""),
        temporal_address=env.get("TEMPORAL_ADDRESS", "") if _enabled(config, "temporal") else "",
        temporal_namespace=env.get("TEMPORAL_NAMESPACE", "default"),
        task_queue=env.get("TEMPORAL_TASK_QUEUE", "api-forge"),
        metrics_port=int(env.get("METRICS_PORT", "0")),
    )


def _config(path: str) -> dict:
    file = Path(path)
    if not file.exists():
        return {}
    return (yaml.safe_load(file.read_text()) or {}).get("config", {})


def _enabled(config: dict, component: str) -> bool:
    return bool(config.get(component, {}).get("enabled", True))


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise SystemExit(f"{name} is {value!r}: it must be one of {', '.join(allowed)}")
    return value


def _postgres(env) -> dict:
    """Arguments for psycopg2. The password never stands in the URL; TLS comes from PGSSLMODE and PGSSLROOTCERT."""
    url = urlsplit(env.get("DATABASE_URL", "postgresql://appuser@localhost:5432/appdb"))
    return {
        "host": url.hostname,
        "port": url.port or 5432,
        "user": unquote(url.username or "appuser"),
        "password": env.get("POSTGRES_APP_USER_PW", ""),
        "dbname": url.path.lstrip("/"),
        "connect_timeout": 3,
        "application_name": "api-forge",
        **dict(parse_qsl(url.query)),
    }
