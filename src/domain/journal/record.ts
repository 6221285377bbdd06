import type { KubeObject, ObjectRef } from '../kube.ts'
import { LABELS, SECRET_KIND } from './labels.ts'
import type { StateScope } from '../state-scope.ts'

export const JOURNAL_TYPE = 'forge.api-forge.io/journal'
/** The key of the Secret's data that holds the packed entry. */
const ENTRY = 'entry'
/** Bytes of packed entry; the API server's own limit for a Secret is 1 MiB. */
export const ENTRY_LIMIT = 900 * 1024

export function journalRef({ project, namespace }: StateScope, number: number): ObjectRef {
  return { ...SECRET_KIND, namespace, name: `forge-journal-${project}-${number}` }
}

/** Kept revisions of secrets carry the project's label too, but no deploy. */
export function journalSelector({ project }: StateScope): string {
  return `${LABELS.project}=${project},${LABELS.deploy}`
}

/** Of all projects of a namespace. */
export const ALL_JOURNALS = LABELS.deploy

export function isOf({ project }: StateScope, record: KubeObject): boolean {
  return record.metadata.labels?.[LABELS.project] === project
}

export function journalRecord(scope: StateScope, number: number, packed: string): KubeObject {
  const { name } = journalRef(scope, number)
  return {
    ...SECRET_KIND,
    metadata: {
      name,
      namespace: scope.namespace,
      labels: { [LABELS.project]: scope.project, [LABELS.deploy]: String(number) },
    },
    type: JOURNAL_TYPE,
    data: { [ENTRY]: packed },
  }
}

export function packedEntry(record: KubeObject): string | undefined {
  const data = record['data'] as Readonly<Record<string, string>> | undefined
  return data?.[ENTRY]
}

/** The same record with another entry in it. */
export function withEntry(record: KubeObject, packed: string): KubeObject {
  return { ...record, data: { [ENTRY]: packed } }
}

/** From the label, so that a deploy counts even if its entry cannot be read. */
export function deployNumber(record: KubeObject): number | undefined {
  const text = record.metadata.labels?.[LABELS.deploy]
  return text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : undefined
}

/** Bytes behind a base64 text. */
export function packedSize(packed: string): number {
  return Math.floor((packed.length * 3) / 4)
}
