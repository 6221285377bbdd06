import { objects, type LiveObject } from './cluster.ts'

const KINDS = 'deployments,services,configmaps,persistentvolumeclaims,networkpolicies,jobs,ingresses,cronjobs,secrets'
/** What the API server gives every Job of its own. */
const GIVEN = /controller-uid|job-name/u

/**
 * All that people state of the namespace's objects, by `Kind/name`: not the records of helm and forge. A Job that had ended and is
 * there again does not run again, so whether it is suspended is left out; the order of variables too.
 */
export async function statedFields(namespace: string): Promise<Record<string, unknown>> {
  const found = (await objects(KINDS, namespace)).filter(({ type }) => !/^(?:helm\.sh|forge\.)/u.test(String(type)))
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
