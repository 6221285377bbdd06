"""The one workflow of this example: it greets, and remembers in PostgreSQL that it did."""

from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from src.settings import Settings
    from src.stores import Greetings


class GreetingActivities:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @activity.defn(name="greet")
    def greet(self, name: str) -> str:
        number = Greetings(self._settings).add(name)
        return f"{self._settings.greeting}, {name}. You are number {number}."


@workflow.defn(name="Hello")
class Hello:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity("greet", name, start_to_close_timeout=timedelta(seconds=10))
