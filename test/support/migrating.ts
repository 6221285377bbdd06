import { join } from 'node:path'
import { forgeHere, objects, type LiveObject } from './cluster.ts'
import type { SmallLegacy } from './small-legacy.ts'

/** The `--json` result. */
export interface Report {
  readonly outcome: string
  readonly adopted: readonly string[]
  readonly retired: readonly string[]
  readonly restarted: readonly { readonly workload: string }[]
  readonly verdict: {
    readonly code: string
    readonly message: string
    readonly hint: string
  } | null
  readonly plan?: {
    readonly migration: readonly {
      readonly action: string
      readonly ref: { readonly kind: string; readonly name: string }
    }[]
  }
}

export interface Ended {
  readonly status: number | undefined
  readonly stderr: string
  readonly report: Report
}

export async function migrate(
  { project: { dir }, from, env }: Pick<SmallLegacy, 'project' | 'from'> & { readonly env?: Record<string, string> },
  ...args: readonly string[]
): Promise<Ended> {
  const given = args.map((arg) => (arg === from ? join(dir, from) : arg))
  const { status, stdout, stderr } = await forgeHere(['migrate-to-helm', '-C', dir, '--json', ...given], env)
  return { status, stderr, report: JSON.parse(stdout) as Report }
}

const FIELDS =
  'deployments,statefulsets,services,configmaps,persistentvolumeclaims,networkpolicies,jobs,ingresses,cronjobs,secrets,horizontalpodautoscalers,serviceaccounts,poddisruptionbudgets,roles,rolebindings'
/** What the API server gives every Job of its own. */
const GIVEN = /controller-uid|job-name/u

/**
 * All that people state of the namespace's objects, by `Kind/name`: not the records of helm and forge. A Job that had ended and is
 * there again does not run again, so whether it is suspended is left out; the order of variables too.
 */
export async function stated(namespace: string): Promise<Record<string, unknown>> {
  const found = (await objects(FIELDS, namespace)).filter(({ type }) => !/^(?:helm\.sh|forge\.)/u.test(String(type)))
  return Object.fromEntries(found.map((one) => [`${one.kind}/${one.metadata.name}`, fieldsOf(one)]))
}

function fieldsOf({ metadata, status: _status, ...fields }: LiveObject): unknown {
  const { name, labels, annotations = {} } = metadata
  const notes = Object.entries(annotations).filter(([key]) => key !== 'deployment.kubernetes.io/revision')
  const own = { ...fields, metadata: { name, labels, annotations: Object.fromEntries(notes) } }
  const isJob = fields.kind === 'Job'
  return JSON.parse(JSON.stringify(own), (key, value: unknown) => {
    if (isJob && (GIVEN.test(key) || key === 'suspend')) return undefined
    return key === 'env' && Array.isArray(value) ? (value as { readonly name: string }[]).toSorted(byName) : value
  })
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1
}

export async function helmRecords(namespace: string): Promise<number> {
  return (await objects('secrets', namespace)).filter(({ type }) => type === 'helm.sh/release.v1').length
}
