/**
 * A worker whose metrics are all there is to measure: workflows and activities that succeed, fail, are cancelled and go on as new ones,
 * calls that are refused, a queue that is worked on slowly (`slow`) and one that nobody works on (`idle`). Python's SDK serves
 * them at METRICS_PORT, with the names that all SDKs on Temporal's Core have. /tmp/worked is there when it has done so for a minute.
 */
export const METRICS_WORKER = `
import asyncio, os, pathlib, uuid
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.worker import Worker

TIMES = {"start_to_close_timeout": timedelta(seconds=10), "retry_policy": RetryPolicy(maximum_attempts=1)}

@activity.defn
async def work(how: str) -> str:
    if how == "fails":
        raise ApplicationError("as told")
    if how == "slow":
        await asyncio.sleep(3)
    return how

@workflow.defn(name="Act", sandboxed=False)
class Act:
    @workflow.run
    async def run(self, how: str) -> str:
        if how == "bad":
            raise ApplicationError("the workflow fails")
        if how == "again":
            workflow.continue_as_new("fine")
        if how == "panics":
            raise RuntimeError("a task that fails")
        if how == "sleeps":
            await workflow.sleep(600)
        return await workflow.execute_activity(work, how, **TIMES)

async def main():
    port = os.environ["METRICS_PORT"]
    runtime = Runtime(telemetry=TelemetryConfig(metrics=PrometheusConfig(bind_address=f"0.0.0.0:{port}")))
    while True:
        try:
            client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], runtime=runtime)
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
            break
        except Exception:
            await asyncio.sleep(1)
    one = {"max_concurrent_activities": 1, "max_concurrent_activity_task_polls": 1}
    fast = Worker(client, task_queue="proof", workflows=[Act], activities=[work])
    slow = Worker(client, task_queue="slow", workflows=[Act], activities=[work], **one)
    async with fast, slow:
        pathlib.Path("/tmp/ready").touch()
        n, run = 0, uuid.uuid4().hex[:8]
        while True:
            for how in ("fine", "fails", "bad", "again", "panics", "sleeps") if n < 10 else ("fine",):
                handle = await client.start_workflow("Act", how, id=f"{how}-{run}-{n}", task_queue="proof")
                if how == "sleeps":
                    await asyncio.sleep(0.5)
                    await handle.cancel()
            for how, queue in ("slow", "slow"), ("fine", "idle"):
                await client.start_workflow("Act", how, id=f"{queue}-{run}-{n}", task_queue=queue)
            try:
                await client.get_workflow_handle("none").describe()
            except Exception:
                pass
            n += 1
            if n == 60:
                pathlib.Path("/tmp/worked").touch()
            await asyncio.sleep(1)

asyncio.run(main())
`
