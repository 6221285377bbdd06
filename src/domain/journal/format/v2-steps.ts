import * as z from 'zod'

const text = z.string()
const revision = z.number()
const release = text

const reason = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['migration-runs', 'half-uninstalled', 'nothing-before', 'helm-refuses', 'ran-before', 'adopted']),
  }),
  z.object({ kind: z.enum(['never-proven', 'incomplete']), revision }),
  z.object({ kind: z.literal('taken-away'), objects: z.array(text) }),
  z.object({ kind: z.literal('told'), text }),
])

/** Of every step. */
const times = {
  outcome: z.enum(['running', 'done', 'skipped', 'failed']),
  startedAt: text,
  endedAt: text.exactOptional(),
  because: reason.exactOptional(),
}

/** What was done, flat beside its times: `{ op: 'upgrade', release: 'app', outcome: 'done', … }`. */
export const step = z.discriminatedUnion('op', [
  z.object({ op: z.enum(['write-secrets', 'delete-claims']), ...times }),
  z.object({ op: z.enum(['upgrade', 'uninstall', 'return', 'adopt', 'hand-back']), release, ...times }),
  z.object({ op: z.literal('rollback'), release, to: revision, ...times }),
  z.object({ op: z.literal('restore-secret'), secret: text, to: revision, ...times }),
  z.object({ op: z.enum(['mend-record', 'settle-record']), release, revision, ...times }),
  z.object({ op: z.enum(['re-own', 'give-back']), release, from: z.array(text), ...times }),
  z.object({ op: z.literal('write-definitions'), release, names: z.array(text), ...times }),
  z.object({ op: z.enum(['take-back', 'retire', 'pause', 'resume']), kind: text, name: text, ...times }),
  z.object({ op: z.literal('told'), text, ...times }),
])
