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

/** An application's worker: `Long` takes ROUNDS activities and seconds; meanwhile it starts a `Short` every 200 ms itself. */
const WORKER = `
import asyncio, json, os, pathlib, time
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import Client
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
    said = {"ended": 0, "failed": [], "slowest": 0.0}
    async def one(n):
        begin = time.monotonic()
        try:
            assert await client.execute_workflow("Short", n, id=f"short-{n}", task_queue="test") == n + 1
            said["ended"] += 1
        except Exception as e:
            said["failed"].append(repr(e)[:300])
        said["slowest"] = max(said["slowest"], time.monotonic() - begin)
    async with Worker(client, task_queue="test", workflows=[Long, Short], activities=[beat]):
        tasks, n = [], 0
        pathlib.Path("/tmp/ready").touch()
        while not pathlib.Path("/tmp/stop").exists():
            if pathlib.Path("/tmp/go").exists():
                tasks.append(asyncio.create_task(one(n)))
                n += 1
            await asyncio.sleep(0.2)
        await asyncio.gather(*tasks)
        pathlib.Path("/tmp/said.json").write_text(json.dumps(said))
        await asyncio.sleep(3600)

asyncio.run(main())
`

export async function startWorker(namespace: RealNamespace): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app', labels: { 'app.kubernetes.io/name': 'app' } },
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
  await namespace.kubectl(['create', '-f', '-'], JSON.stringify(pod))
  await namespace.waitFor('pod/app', 'condition=Ready')
}

/** Begins to start workflows; what comes of them is told by the function that it gives. */
export async function underWorkflows(
  namespace: RealNamespace,
): Promise<() => Promise<{ ended: number; failed: string[]; slowest: number }>> {
  const inPod = async (script: string): Promise<string> =>
    await namespace.kubectl(['exec', 'pod/app', '--', 'sh', '-c', script])
  await inPod('touch /tmp/go')
  return async () =>
    JSON.parse(await inPod('touch /tmp/stop; until [ -s /tmp/said.json ]; do sleep 0.2; done; cat /tmp/said.json')) as {
      ended: number
      failed: string[]
      slowest: number
    }
}

export async function secret(
  namespace: RealNamespace,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Promise<void> {
  const made = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }
  await namespace.kubectl(['create', '-f', '-'], JSON.stringify(made))
}
