import { execa } from 'execa'
import { chartAt } from './chart.ts'
import { helmOf } from './helms.ts'
import { KUBECONFIG, image, type RealNamespace } from './real-cluster.ts'

const chart = chartAt('temporal')

/** Sizes with which several installations fit on one small node. */
const server = { resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '512Mi' } } }
export const SMALL = {
  frontend: server,
  history: server,
  matching: server,
  worker: server,
  single: server,
  web: { resources: { requests: { cpu: '20m', memory: '32Mi' }, limits: { cpu: '1', memory: '256Mi' } } },
  server: { numHistoryShards: 4 },
}

/** `helm upgrade --install` of the chart; what helm says is the result, also where it fails. */
export async function install(
  { name }: RealNamespace,
  ...values: readonly unknown[]
): Promise<{ status: number | undefined; output: string }> {
  const args = ['upgrade', '--install', 'temporal', chart.dir, '--namespace', name, '--kubeconfig', KUBECONFIG]
  const merged = values.reduce<Record<string, unknown>>((all, one) => ({ ...all, ...(one as object) }), { ...SMALL })
  const { exitCode, all } = await execa(await helmOf(4), [...args, '--timeout', '3m', '--values', '-'], {
    input: JSON.stringify(merged),
    all: true,
    reject: false,
  })
  return { status: exitCode, output: all }
}

/** Waits until each Deployment serves what it is told to. */
export async function served(namespace: RealNamespace, components: readonly string[]): Promise<void> {
  for (const one of components)
    await namespace.kubectl(['rollout', 'status', `deployment/temporal-${one}`, '--timeout=180s'])
}

/** The one Job of a component has done its work. */
export async function done(namespace: RealNamespace, component: string): Promise<string> {
  const selector = ['-l', `app.kubernetes.io/name=temporal-${component}`]
  await namespace.kubectl(['wait', 'job', ...selector, '--for=condition=complete', '--timeout=180s'])
  return await namespace.kubectl(['logs', ...selector, '--tail=-1'])
}

/** The temporal command, in the pod with the tools. */
export async function temporal(namespace: RealNamespace, ...args: readonly string[]): Promise<string> {
  return await namespace.kubectl(['exec', 'deploy/temporal-admin-tools', '--', 'temporal', ...args])
}

/**
 * An application's worker: `Long` takes ROUNDS activities and seconds, `Timer` one timer of SECONDS; meanwhile it starts a `Short` every
 * 200 ms itself. What a server refuses although the client has tried for ten seconds is tried again, and counted.
 */
const WORKER = `
import asyncio, json, os, pathlib, time
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError
from temporalio.worker import Worker

@activity.defn
async def beat(n: int) -> int:
    return n + 1

@workflow.defn(name="Long", sandboxed=False)
class Long:
    @workflow.run
    async def run(self, rounds: int) -> str:
        n = 0
        for _ in range(rounds):
            n = await workflow.execute_activity(beat, n, start_to_close_timeout=timedelta(seconds=10))
            await workflow.sleep(timedelta(seconds=1))
        return f"{n} beats"

@workflow.defn(name="Timer", sandboxed=False)
class Timer:
    @workflow.run
    async def run(self, seconds: int) -> int:
        await workflow.sleep(timedelta(seconds=seconds))
        return await workflow.execute_activity(beat, seconds, start_to_close_timeout=timedelta(seconds=10))

@workflow.defn(name="Short", sandboxed=False)
class Short:
    @workflow.run
    async def run(self, n: int) -> int:
        return await workflow.execute_activity(beat, n, start_to_close_timeout=timedelta(seconds=10))

async def main():
    while True:
        try:
            client = await Client.connect(os.environ["TEMPORAL_ADDRESS"])
            break
        except Exception:
            await asyncio.sleep(1)
    said = {"ended": 0, "failed": [], "refused": [], "slowest": 0.0}
    async def patient(begin, call):
        while True:
            try:
                return await call()
            except RPCError as e:
                said["refused"].append(repr(e)[:300])
                if time.monotonic() - begin > 90:
                    raise
                await asyncio.sleep(1)
    async def one(n):
        begin = time.monotonic()
        try:
            handle = await patient(begin, lambda: client.start_workflow(
                "Short", n, id=f"short-{n}", task_queue="test", id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING))
            assert await patient(begin, handle.result) == n + 1
            said["ended"] += 1
        except Exception as e:
            said["failed"].append(repr(e)[:300])
        said["slowest"] = max(said["slowest"], time.monotonic() - begin)
    async with Worker(client, task_queue="test", workflows=[Long, Timer, Short], activities=[beat]):
        tasks, n = [], 0
        go, stop = pathlib.Path("/tmp/go"), pathlib.Path("/tmp/stop")
        pathlib.Path("/tmp/ready").touch()
        while True:
            if go.exists():
                tasks.append(asyncio.create_task(one(n)))
                n += 1
            if stop.exists():
                await asyncio.gather(*tasks)
                pathlib.Path("/tmp/said.part").write_text(json.dumps(said))
                said = {"ended": 0, "failed": [], "refused": [], "slowest": 0.0}
                tasks = []
                stop.unlink()
                pathlib.Path("/tmp/said.part").rename("/tmp/said.json")
            await asyncio.sleep(0.2)

asyncio.run(main())
`

/** Its pod, as a template. */
export const workerPod = {
  metadata: { labels: { 'app.kubernetes.io/name': 'app' } },
  spec: {
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 1001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'app',
        image: image('1.0.0'),
        command: ['python', '-c', WORKER],
        env: [{ name: 'TEMPORAL_ADDRESS', value: 'temporal-frontend:7233' }],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        readinessProbe: { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 1 },
      },
    ],
  },
}

export async function startWorker(namespace: RealNamespace): Promise<void> {
  const metadata = { ...workerPod.metadata, name: 'app' }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: workerPod.spec }
  await namespace.kubectl(['create', '-f', '-'], JSON.stringify(pod))
  await namespace.waitFor('pod/app', 'condition=Ready')
}

export interface Worked {
  readonly ended: number
  readonly failed: readonly string[]
  /** Calls that the client gave up: nothing of the server answered for ten seconds. */
  readonly refused: readonly string[]
  /** Seconds, from the first call to the result. */
  readonly slowest: number
}

/** Begins to start workflows; what comes of them is told by the function that it gives. */
export async function underWorkflows(namespace: RealNamespace, worker = 'pod/app'): Promise<() => Promise<Worked>> {
  const inPod = async (script: string): Promise<string> =>
    await namespace.kubectl(['exec', worker, '--', 'sh', '-c', script])
  await inPod('rm -f /tmp/said.json; touch /tmp/go')
  return async () =>
    JSON.parse(
      await inPod('rm /tmp/go; touch /tmp/stop; until [ -s /tmp/said.json ]; do sleep 0.2; done; cat /tmp/said.json'),
    ) as Worked
}

export async function secret(
  namespace: RealNamespace,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Promise<void> {
  const made = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }
  await namespace.kubectl(['create', '-f', '-'], JSON.stringify(made))
}
