import type { Operation } from '../operation.ts'

/** What forge wrote as a sentence in format 1, by what it does. All such sentences that there ever were. */
const SENTENCES: readonly [RegExp, (...parts: string[]) => Operation][] = [
  [/^secrets$/u, () => ({ op: 'write-secrets' })],
  [/^claims$/u, () => ({ op: 'delete-claims' })],
  [
    /^helm (upgrade|uninstall) (\S+)$/u,
    (verb, release = '') => ({ op: verb === 'upgrade' ? verb : 'uninstall', release }),
  ],
  [/^helm rollback (\S+)$/u, (release = '') => ({ op: 'return', release })],
  [/^helm rollback (\S+) (\d+)$/u, (release = '', to) => ({ op: 'rollback', release, to: Number(to) })],
  [/^secret (\S+) back to r(\d+)$/u, (secret = '', to) => ({ op: 'restore-secret', secret, to: Number(to) })],
  [/^record of (\S+) revision (\d+)$/u, (release = '', at) => ({ op: 'mend-record', release, revision: Number(at) })],
  [/^settle (\S+) revision (\d+)$/u, (release = '', at) => ({ op: 'settle-record', release, revision: Number(at) })],
  [/^(\w+)\/(\S+) as it was$/u, (kind = '', name = '') => ({ op: 'take-back', kind, name })],
]

export function operationOf(name: string, detail: string | undefined): Operation {
  const [, release] = /^definitions of (\S+)$/u.exec(name) ?? []
  if (release !== undefined) return { op: 'write-definitions', release, names: detail?.split(', ') ?? [] }
  for (const [pattern, read] of SENTENCES) {
    const [whole, ...parts] = pattern.exec(name) ?? []
    if (whole !== undefined) return read(...parts)
  }
  return { op: 'told', text: name }
}
