import { stringify } from 'yaml'
import { chartAt } from './chart.ts'
import { document, forge, type Ran } from './forge.ts'
import { projectOf, type TestProject } from './project.ts'
import { currentContext, KUBECONFIG, type RealNamespace } from './real-cluster.ts'
import { SMALL, workerPod } from './real-temporal.ts'
import type { StatusDocument, WorkloadStatus } from '../../src/domain/status/model.ts'

export const SERVERS = ['frontend', 'history', 'matching', 'worker']

const WORKER = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app' },
  spec: { selector: { matchLabels: workerPod.metadata.labels }, template: workerPod },
}

/** Temporal on CloudNativePG, and an application's worker that needs it, as a project whose environment `real` is this namespace. */
export async function temporalProject(
  namespace: RealNamespace,
  values: Readonly<Record<string, unknown>>,
): Promise<TestProject> {
  const servers = SERVERS.map((one) => `Deployment/temporal-${one}`)
  const rest = ['Job/temporal-namespaces', 'Deployment/temporal-web', 'Deployment/temporal-admin-tools']
  const cluster = { context: await currentContext() }
  return await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: namespace.name,
      environments: { real: { cluster, namespace: namespace.name, pullCheck: 'skip' } },
      releases: {
        temporal: { chart: chartAt('temporal').dir, values: ['values.yaml'] },
        app: { manifests: ['app.yaml'], needs: ['temporal'] },
      },
      stages: {
        postgres: { wait: ['Cluster/temporal-postgres'] },
        schema: { wait: ['Job/temporal-schema'] },
        temporal: { wait: servers, optional: rest },
        app: { wait: ['Deployment/app'] },
      },
      components: { postgres: 'Cluster/temporal-postgres' },
    }),
    'values.yaml': stringify({ ...SMALL, ...values }),
    'app.yaml': stringify(WORKER),
  })
}

/** A command of forge for the environment `real` of a project. */
export async function run(project: TestProject, command: string, ...more: readonly string[]): Promise<Ran> {
  // Neither asks a cluster.
  const where = ['export', 'render'].includes(command) ? [] : ['--kubeconfig', KUBECONFIG]
  return await forge([command, '--env', 'real', '-C', project.dir, ...where, ...more])
}

export interface Told {
  readonly status: number | undefined
  readonly workloads: ReadonlyMap<string, WorkloadStatus>
}

/** What `forge status` says of each workload. */
export async function told(project: TestProject): Promise<Told> {
  const ran = await run(project, 'status', '--json')
  const workloads = document<StatusDocument>(ran).stages.flatMap((stage) => stage.workloads)
  return { status: ran.status, workloads: new Map(workloads.map((one) => [one.component ?? one.name, one])) }
}
