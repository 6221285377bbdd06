import { execa } from 'execa'
import { forge, type RunForge } from './forge.ts'
import { testSandbox } from './sandbox.ts'

export interface LiveObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly generation?: number
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
    readonly creationTimestamp?: string
    readonly [field: string]: unknown
  }
  readonly spec?: Record<string, unknown>
  readonly status?: Record<string, unknown>
  readonly data?: Record<string, string>
  readonly [field: string]: unknown
}

let serial = 0

/** A name that no other test, and no earlier run on a kept sandbox, has. */
export function freshNamespace(prefix = 't'): string {
  serial += 1
  return `${prefix}-${process.pid.toString(36)}-${Date.now().toString(36)}-${serial}`
}

export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { kubeconfig } = await testSandbox()
  const { stdout } = await execa(
    'kubectl',
    ['--kubeconfig', kubeconfig, ...args],
    input === undefined ? { stdin: 'ignore' } : { input },
  )
  return stdout
}

export async function objects(kind: string, namespace: string, selector?: string): Promise<LiveObject[]> {
  const text = await kubectl([
    'get',
    kind,
    '-n',
    namespace,
    '-o',
    'json',
    ...(selector === undefined ? [] : ['-l', selector]),
  ])
  return (JSON.parse(text) as { items: LiveObject[] }).items
}

export async function object(kind: string, name: string, namespace: string): Promise<LiveObject | undefined> {
  const text = await kubectl(['get', kind, name, '-n', namespace, '-o', 'json', '--ignore-not-found'])
  return text === '' ? undefined : (JSON.parse(text) as LiveObject)
}

/** UID of each running pod by the name of its component. */
export async function podsByName(namespace: string): Promise<Record<string, string[]>> {
  const pods = await objects('pods', namespace)
  const living = pods.filter(
    ({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.['phase'] === 'Running',
  )
  const found: Record<string, string[]> = {}
  for (const { metadata } of living)
    (found[metadata.labels?.['app.kubernetes.io/name'] ?? metadata.name] ??= []).push(metadata.uid)
  return found
}

/** The test's forge, pointed at the sandbox of this run. */
export async function forgeHere(args: readonly string[], env: RunForge['env'] = {}): ReturnType<typeof forge> {
  const { name } = await testSandbox()
  return await forge(args, { env: { FORGE_SANDBOX: name, ...env } })
}

const KINDS = 'deployments,services,configmaps,persistentvolumeclaims,networkpolicies,jobs,secrets'

/** The release's objects as docs/design.md compares them: what a controller or the API server sets by itself left out. */
export async function snapshot(namespace: string, find = objects): Promise<Record<string, unknown>> {
  const found = (await find(KINDS, namespace)).filter(
    ({ kind, metadata }) => kind !== 'Secret' || metadata.labels?.['forge.api-forge.io/revision'] === undefined,
  )
  const kept = found.filter(
    ({ kind, ...rest }) => !(kind === 'Secret' && /^(?:helm\.sh|forge\.api-forge\.io)/u.test(String(rest['type']))),
  )
  return Object.fromEntries(
    kept
      .filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
      .map((one) => [`${one.kind}/${one.metadata.name}`, comparable(one)]),
  )
}

const JOB_LABELS = /^(?:batch\.kubernetes\.io\/)?(?:controller-uid|job-name)$/u

function comparable({ kind, metadata, status: _status, spec, ...rest }: LiveObject): unknown {
  const {
    resourceVersion: _v,
    generation: _g,
    managedFields: _m,
    creationTimestamp: _c,
    uid,
    labels,
    annotations,
    ...others
  } = metadata
  const kept = Object.fromEntries(
    Object.entries(annotations ?? {}).filter(([name]) => name !== 'deployment.kubernetes.io/revision'),
  )
  const job = kind === 'Job'
  return {
    ...rest,
    kind,
    metadata: {
      ...others,
      annotations: kept,
      labels: job ? withoutJobLabels(labels) : labels,
      ...(job ? {} : { uid }),
    },
    spec: job ? jobSpec(spec) : spec,
  }
}

function withoutJobLabels(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !JOB_LABELS.test(name)))
}

function jobSpec(spec: Record<string, unknown> = {}): unknown {
  const {
    selector: _selector,
    template,
    ...rest
  } = spec as { selector?: unknown; template: { metadata: { labels?: Record<string, string> } } }
  return {
    ...rest,
    template: { ...template, metadata: { ...template.metadata, labels: withoutJobLabels(template.metadata.labels) } },
  }
}

/** Makes a kind of the test's own; resolves when it is served. */
export async function defineKind(definition: { readonly metadata: { readonly name: string } }): Promise<void> {
  await kubectl(['apply', '--filename', '-'], JSON.stringify(definition))
  await kubectl(['wait', `crd/${definition.metadata.name}`, '--for=condition=Established', '--timeout=30s'])
}
