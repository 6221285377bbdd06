"""The Temporal worker: polls the task queue until it is told to stop, then finishes what it has begun."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.worker import Worker

from src import settings as configuration
from src.log import Log
from src.settings import Settings
from src.worker.heartbeat import BEAT_SECONDS, beat
from src.workflows import GreetingActivities, Hello


def runtime(settings: Settings) -> Runtime | None:
    """With a port the SDK serves Prometheus its metrics there, at /metrics."""
    if settings.metrics_port == 0:
        return None
    metrics = PrometheusConfig(bind_address=f"0.0.0.0:{settings.metrics_port}")
    return Runtime(telemetry=TelemetryConfig(metrics=metrics))


async def connect(settings: Settings, log: Log, stop: asyncio.Event) -> Client | None:
    """A client whose namespace exists. It may take a while on a first start; a crash would only hide the reason."""
    measured = runtime(settings)
    while not stop.is_set():
        try:
            client = await Client.connect(
                settings.temporal_address, namespace=settings.temporal_namespace, runtime=measured
            )
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=settings.temporal_namespace))
            return client
        except Exception as error:
            log.warning("Temporal is not there yet", address=settings.temporal_address, error=str(error)[:200])
            await pause(stop, 2)
    return None


async def pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except asyncio.TimeoutError:
        pass


async def keep_beating(stop: asyncio.Event) -> None:
    while not stop.is_set():
        beat()
        await pause(stop, BEAT_SECONDS)


async def run(settings: Settings, log: Log) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)

    if not settings.temporal_address:
        log.info("Temporal is switched off: nothing to do")
        return await keep_beating(stop)

    client = await connect(settings, log, stop)
    if client is None:
        return
    with ThreadPoolExecutor(max_workers=8, thread_name_prefix="activity") as threads:
        worker = Worker(
            client,
            task_queue=settings.task_queue,
            workflows=[Hello],
            activities=[GreetingActivities(settings).greet],
            activity_executor=threads,
            graceful_shutdown_timeout=timedelta(seconds=30),
        )
        # A fatal error of the worker leaves this block with an exception: the process ends and is started again.
        async with worker:
            log.info("polling", queue=settings.task_queue, address=settings.temporal_address)
            await keep_beating(stop)
            log.info("stopping")
    log.info("stopped")


def main() -> None:
    settings = configuration.load()
    asyncio.run(run(settings, Log(settings.log_level, settings.log_format)))


if __name__ == "__main__":
    main()
