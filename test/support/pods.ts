import { kubectl } from './cluster.ts'

export interface PodSketch {
  readonly name: string
  /** Of the simulation, without its prefix: `{ fail: 'oom' }`. */
  readonly steer?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly spec?: Readonly<Record<string, unknown>>
}

const PREFIX = 'sandbox.forge.api-forge.io'
const CONTAINER = { name: 'main', image: 'example.test/main:1' }

export function podTemplate({ name, steer = {}, labels = {}, spec = {} }: PodSketch): Record<string, unknown> {
  const annotations = Object.fromEntries(Object.entries(steer).map(([key, value]) => [`${PREFIX}/${key}`, value]))
  return {
    metadata: { labels: { 'app.kubernetes.io/name': name, ...labels }, annotations },
    spec: { containers: [CONTAINER], ...spec },
  }
}

export function deployment(sketch: PodSketch): Record<string, unknown> {
  const matchLabels = { 'app.kubernetes.io/name': sketch.name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: sketch.name },
    spec: { replicas: 1, selector: { matchLabels }, template: podTemplate(sketch) },
  }
}

export function job(sketch: PodSketch, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const spec = { restartPolicy: 'Never', ...sketch.spec }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: sketch.name, labels: { 'app.kubernetes.io/name': sketch.name } },
    spec: { template: podTemplate({ ...sketch, spec }), ...more },
  }
}

export function service(name: string): Record<string, unknown> {
  const spec = { selector: { 'app.kubernetes.io/name': name }, ports: [{ port: 80 }] }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec }
}

export function claim(name: string): Record<string, unknown> {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec }
}

export async function apply(namespace: string, ...objects: readonly Record<string, unknown>[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects }
  await kubectl(['apply', '--namespace', namespace, '--filename', '-'], JSON.stringify(list))
}

/** Waits until the one pod of a Deployment shows this (kubectl's JSON path, without braces). */
export async function untilPod(namespace: string, name: string, path: string, value: string): Promise<void> {
  // `kubectl wait` with a selector fails at once where there is no pod yet; the Deployment tells when there is one.
  await until(namespace, 'deployment', [name], 'jsonpath={.status.replicas}=1')
  await until(namespace, 'pod', ['--selector', `app.kubernetes.io/name=${name}`], `jsonpath={${path}}=${value}`)
}

export async function until(
  namespace: string,
  kind: string,
  which: readonly string[],
  condition: string,
): Promise<void> {
  await kubectl(['wait', kind, ...which, '--namespace', namespace, `--for=${condition}`, '--timeout=20s'])
}
