import { stringify } from 'yaml'
import { chartAt } from './chart.ts'
import { projectOf, type TestProject } from './project.ts'
import { currentContext, type RealNamespace } from './real-cluster.ts'

const WORKER = 'temporal-worker'

/** The chart temporal-worker with a shell script for a worker, in an environment `real`. No probe: by exec it would cost more CPU than the script. */
export async function scriptedWorker(namespace: RealNamespace, script: string, values: object): Promise<TestProject> {
  const own = {
    image: 'busybox:1.36',
    command: ['sh', '-c', script],
    health: { enabled: false },
    resources: { requests: { cpu: '50m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } },
    ...values,
  }
  return await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: namespace.name,
      environments: {
        real: { cluster: { context: await currentContext() }, namespace: namespace.name, pullCheck: 'skip' },
      },
      releases: { [WORKER]: { chart: chartAt(WORKER).dir, values: ['worker.yaml'] } },
      stages: { worker: { wait: [`Deployment/${WORKER}`], timeout: '120s', allow: { crashes: 0 } } },
    }),
    'worker.yaml': stringify(own),
  })
}
