import { stringify } from 'yaml'
import { kubectl, objects as list, type LiveObject, forgeHere } from './cluster.ts'
import { document, type Ran } from './forge.ts'
import { helmOf } from './helms.ts'
import { projectOf, type TestProject } from './project.ts'
import type { PlanDocument } from '../../src/domain/plan/document.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

export type Manifest = Readonly<Record<string, unknown>> & {
  readonly kind: string
  readonly metadata: { readonly name: string }
}

/** A chart that renders what its values say: every kind of change is an edit of one file. */
const CHART = `{{- range $object := .Values.objects }}
---
{{ toYaml $object }}
{{- end }}
`

export interface Small {
  readonly project: TestProject
  readonly namespace: string
  /** Sets what the chart renders. */
  render(objects: readonly Manifest[]): Promise<void>
  drift(policy: unknown): Promise<void>
  plan(...flags: string[]): Promise<PlanDocument>
  run(
    command:
      'plan' | 'deploy' | 'rollback' | 'history' | 'recover' | 'status' | 'uninstall' | 'pause' | 'resume' | 'backup',
    flags: readonly string[],
    major?: 3 | 4,
  ): Promise<Ran>
  deploy(...flags: string[]): Promise<{ readonly status: number | undefined; readonly report: DeployReport }>
}

/** The files of a project with one release of that chart. */
export function smallFiles(
  environment: Readonly<Record<string, unknown>>,
  objects: readonly Manifest[],
): Record<string, string> {
  return {
    'forge.yaml': stringify({
      version: 1,
      project: 'small',
      environments: { test: environment },
      releases: { small: { chart: './chart', values: ['values.yaml'] } },
    }),
    'chart/Chart.yaml': 'apiVersion: v2\nname: small\nversion: 0.1.0\n',
    'chart/templates/objects.yaml': CHART,
    'values.yaml': stringify({ objects }),
  }
}

/** A project with one release of that chart, deployed by this major version of helm. */
export async function smallProject(namespace: string, helm: 3 | 4, objects: readonly Manifest[]): Promise<Small> {
  const project = await projectOf(smallFiles({ cluster: 'sandbox', namespace }, objects))
  const run: Small['run'] = async (command, flags, major = helm) =>
    await forgeHere([command, '--env', 'test', '-C', project.dir, ...flags], { FORGE_HELM: await helmOf(major) })
  return {
    project,
    namespace,
    run,
    render: async (next) => await project.write('values.yaml', stringify({ objects: next })),
    drift: async (policy) => await project.configure(['environments', 'test', 'drift'], policy),
    async plan(...flags) {
      const ran = await run('plan', ['--json', ...flags])
      const { plan, verdict } = document<{ plan: PlanDocument | null; verdict: unknown }>(ran)
      if (plan === null)
        throw new Error(`no plan (exit status ${ran.status}): ${JSON.stringify(verdict)}\n${ran.stderr}`)
      return plan
    },
    async deploy(...flags) {
      const ran = await run('deploy', ['--json', ...flags])
      return { status: ran.status, report: document<DeployReport>(ran) }
    },
  }
}

const KINDS =
  'deployments,statefulsets,services,configmaps,secrets,jobs,persistentvolumeclaims,horizontalpodautoscalers'

/** Every object of the release by name, as it is stored. */
export async function stored(namespace: string, more: readonly string[] = []): Promise<Map<string, LiveObject>> {
  const found = await list(KINDS, namespace, 'app.kubernetes.io/managed-by=Helm')
  const others = await Promise.all(
    more.map(async (name) => JSON.parse(await kubectl(['get', name, '-o', 'json'])) as LiveObject),
  )
  return new Map([...found, ...others].map((one) => [`${one.kind}/${one.metadata.name}`, one]))
}

/** The objects once nothing moves any more: controllers write a status a moment after their work is done. */
export async function settled(namespace: string): Promise<Map<string, LiveObject>> {
  for (;;) {
    const before = await stored(namespace)
    await new Promise((resolve) => setTimeout(resolve, 500))
    const after = await stored(namespace)
    if (Object.keys(moved(before, after)).length === 0) return after
  }
}

/** What became of each object that is not as it was, by resourceVersion. */
export function moved(
  before: ReadonlyMap<string, LiveObject>,
  after: ReadonlyMap<string, LiveObject>,
): Record<string, string> {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return Object.fromEntries(
    names.flatMap((name) => {
      const [old, now] = [before.get(name), after.get(name)]
      if (old === undefined) return [[name, 'create']]
      if (now === undefined) return [[name, 'delete']]
      if (old.metadata.uid !== now.metadata.uid) return [[name, 'replace']]
      return old.metadata['resourceVersion'] === now.metadata['resourceVersion'] ? [] : [[name, 'change']]
    }),
  )
}

/** What the plan said of the same objects. */
export function named(plan: PlanDocument): Record<string, string> {
  const touched = plan.objects.filter(({ action }) => action !== 'unchanged' && action !== 'keep')
  return Object.fromEntries(
    touched
      .map(({ object, action }): [string, string] => [object, action])
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )
}

/** Leaves of an object's own fields that two states of it do not share; list items by name. */
export function changedFields(before: LiveObject, after: LiveObject): string[] {
  const [old, now] = [leaves(own(before), ''), leaves(own(after), '')]
  return [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path))
}

function own({ metadata, status: _status, ...fields }: LiveObject): unknown {
  const { 'deployment.kubernetes.io/revision': _revision, ...annotations } = metadata.annotations ?? {}
  return { ...fields, metadata: { labels: metadata.labels, annotations } }
}

function leaves(value: unknown, path: string): Map<string, string> {
  if (typeof value !== 'object' || value === null)
    return new Map(value === undefined ? [] : [[path, JSON.stringify(value)]])
  const inner = Array.isArray(value)
    ? value.map((item: unknown, at): [string, unknown] => [
        `${path}[${String((item as { name?: string } | null)?.name ?? at)}]`,
        item,
      ])
    : Object.entries(value).map(([name, child]: [string, unknown]): [string, unknown] => [join(path, name), child])
  return new Map(inner.flatMap(([at, child]) => [...leaves(child, at)]))
}

function join(path: string, name: string): string {
  const part = /^[\w-]+$/u.test(name) ? name : `'${name}'`
  return path === '' ? part : `${path}.${part}`
}

export function covers(planned: string, leaf: string): boolean {
  return [planned, leaf].some((outer, at) => {
    const inner = at === 0 ? leaf : planned
    return inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`)
  })
}
