"""Temporal's client is asynchronous, the web server has threads: one loop in a thread of its own stands between them."""

import asyncio
import threading
import uuid

from temporalio.client import Client

from src.settings import Settings


class Workflows:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name="temporal").start()

    @property
    def enabled(self) -> bool:
        return bool(self._settings.temporal_address)

    def hello(self, name: str, timeout: float = 20) -> str:
        future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(self._hello(name), timeout), self._loop)
        return future.result(timeout + 1)

    async def _hello(self, name: str) -> str:
        if self._client is None:
            self._client = await Client.connect(self._settings.temporal_address, namespace=self._settings.temporal_namespace)
        return await self._client.execute_workflow(
            "Hello", name, id=f"hello-{uuid.uuid4()}", task_queue=self._settings.task_queue, result_type=str
        )
