import type { ReleaseRecord } from '../helm/model.ts'
import type { KindRef } from '../kube.ts'
import { readManifest, type Rendered } from './parse.ts'

/** What is read of a record. */
export type RecordText = Pick<ReleaseRecord, 'name' | 'revision' | 'manifest' | 'hooks' | 'fault'>

/**
 * The objects of a record, as far as they can be read; `unread`: a sentence that names the record and what keeps it, or a part
 * of it, from being read. It was written in other times, so nobody is refused anything because of it.
 */
export function readRecord(
  record: RecordText,
  namespace: string,
  isNamespaced: (kind: KindRef) => boolean,
  { hooks = false } = {},
): { readonly rendered: Rendered[]; readonly unread: string | undefined } {
  const { rendered, unread } = readManifest(hooks ? wholeText(record) : record.manifest, namespace, isNamespaced)
  const [first] = unread
  const reason = record.fault ?? (first === undefined ? undefined : reasonOf(first))
  return { rendered, unread: reason === undefined ? undefined : unreadText(record, reason) }
}

export function unreadText({ name, revision }: Pick<RecordText, 'name' | 'revision'>, reason: string): string {
  return `the record of ${name} revision ${revision} cannot be read: ${reason}`
}

/** With its hooks, in the form in which `helm template` prints both: a line break behind each. */
export function wholeText({ manifest, hooks }: Pick<RecordText, 'manifest' | 'hooks'>): string {
  return [manifest.replace(/(?<!\n)$/u, '\n'), ...hooks.map((hook) => `---\n${hook.manifest}\n`)].join('')
}

function reasonOf({ template, reason }: { readonly template: string; readonly reason: string }): string {
  return template === '' ? reason : `${template}: ${reason}`
}
