import { join } from 'node:path'
import { kubectl, objects, freshNamespace, type LiveObject } from './cluster.ts'
import { FOREIGN } from './legacy-foreign.ts'
import { makeLegacySecrets } from './legacy-secrets.ts'
import { exampleProject, type TestProject } from './project.ts'

/** What an object is told apart by: it must be the same one, and where nobody may touch it also as it was. */
export interface Identity {
  readonly uid: string
  readonly resourceVersion: string
}

export type Identities = ReadonlyMap<string, Identity>

/** examples/api-forge/legacy as years have left it: applied, changed by hand, beside things of other people. */
export interface LegacyStack {
  readonly namespace: string
  /** The example; its environment `legacy` is this namespace. */
  readonly project: TestProject
  /** The folder for `--from`, below the project's. */
  readonly from: string
  /** The stack's own objects by `Kind/name`, its Secrets among them. */
  readonly own: Identities
  /** Those of other people. */
  readonly foreign: Identities
}

const CERTS = 'infra/secrets/certs'

export const SECRETS = ['app-secrets', 'postgres-ca', 'postgres-secrets', 'postgres-tls', 'redis-secrets'] as const

/** By hand, since the last `kubectl apply`. */
export const BY_HAND = { replicas: { deployment: 'worker', count: 2 }, env: { deployment: 'app', LOG_LEVEL: 'DEBUG' } }

/** In a namespace of its own; all workloads are ready, and nothing moves any more. */
export async function legacyStack(prefix = 'legacy'): Promise<LegacyStack> {
  const namespace = freshNamespace(prefix)
  const project = await exampleProject(namespace)
  await project.configure(['environments', 'legacy', 'namespace'], namespace)
  for (const file of ['server-chain.crt', 'server.key'])
    await project.write(`${CERTS}/legacy/${file}`, await project.read(`${CERTS}/postgres/${file}`))
  await project.write('overlay/kustomization.yaml', `namespace: ${namespace}\nresources: [../legacy]\n`)
  await kubectl(['create', 'namespace', namespace])
  await makeLegacySecrets(project.dir, async (args) => await kubectl(['-n', namespace, ...args]))
  await Promise.all([
    kubectl(['apply', '--kustomize', join(project.dir, 'overlay')]),
    kubectl(['-n', namespace, 'apply', '--filename', '-'], JSON.stringify(FOREIGN)),
  ])
  await changeByHand(namespace)
  await allReady(namespace)
  const all = await atRest(namespace)
  const isForeign = (name: string): boolean => FOREIGN.items.some((one) => name === `${one.kind}/${one.metadata.name}`)
  return {
    namespace,
    project,
    from: 'overlay',
    own: new Map([...all].filter(([name]) => !isForeign(name))),
    foreign: new Map([...all].filter(([name]) => isForeign(name))),
  }
}

async function changeByHand(namespace: string): Promise<void> {
  const { replicas, env } = BY_HAND
  await kubectl(['-n', namespace, 'scale', `deployment/${replicas.deployment}`, `--replicas=${replicas.count}`])
  await kubectl(['-n', namespace, 'set', 'env', `deployment/${env.deployment}`, `LOG_LEVEL=${env.LOG_LEVEL}`])
}

/** Every Deployment has rolled out, every Job is done. */
export async function allReady(namespace: string): Promise<void> {
  const jobs = (await objects('jobs', namespace)).map(({ metadata }) => `job/${metadata.name}`)
  const deployments = (await objects('deployments', namespace)).map(({ metadata }) => `deployment/${metadata.name}`)
  await Promise.all([
    ...deployments.map(async (name) => await kubectl(['-n', namespace, 'rollout', 'status', name, '--timeout=120s'])),
    ...(jobs.length === 0
      ? []
      : [kubectl(['-n', namespace, 'wait', ...jobs, '--for=condition=complete', '--timeout=120s'])]),
  ])
}

const KINDS =
  'deployments,services,configmaps,secrets,persistentvolumeclaims,networkpolicies,jobs,cronjobs,ingresses,statefulsets'

/** What people applied in the namespace, by `Kind/name`; not the records of helm and forge. */
export async function identities(namespace: string): Promise<Identities> {
  const found = (await objects(KINDS, namespace)).filter(isApplied)
  return new Map(
    found.map(({ kind, metadata: { name, uid, resourceVersion } }) => [
      `${kind}/${name}`,
      { uid, resourceVersion: String(resourceVersion) },
    ]),
  )
}

function isApplied({ kind, metadata, type }: LiveObject): boolean {
  const isRecord = kind === 'Secret' && /^(?:helm\.sh|forge\.api-forge\.io)/u.test(String(type))
  return !isRecord && metadata.name !== 'kube-root-ca.crt'
}

/** Once nothing moves any more: controllers write a status a moment after their work is done. */
async function atRest(namespace: string): Promise<Identities> {
  for (let before = await identities(namespace); ;) {
    await new Promise((resolve) => setTimeout(resolve, 400))
    const after = await identities(namespace)
    const moved = [...after].some(
      ([name, { resourceVersion }]) => before.get(name)?.resourceVersion !== resourceVersion,
    )
    if (!moved && after.size === before.size) return after
    before = after
  }
}
