import { isMap, type PlainMap } from '../../config/path.ts'
import { groupOf } from '../../kube.ts'
import { specOf } from '../shapes.ts'
import { statusMark } from '../marks.ts'
import type { RuleContext } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { progressing, ready, readyPods, type Progress } from './assessment.ts'
import type { Window } from './reported.ts'

/** What a status says that keeps no conditions of the usual kind. */
export interface OwnWords {
  readonly progress: Progress
  /** It is more than not there yet. `mark`: of the state that says so. */
  readonly wrong?: { readonly said: string; readonly window: Window; readonly mark: string }
}

type Read = (status: PlainMap, entry: ObservedObject, context: RuleContext) => OwnWords | undefined

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const inside = (value: unknown, key: string): unknown => (isMap(value) ? value[key] : undefined)

/** Kinds whose controllers have words of their own. */
const READ: Readonly<Record<string, Read>> = {
  'argoproj.io/Application': application,
  'postgresql.cnpg.io/Database': applied,
  'postgresql.cnpg.io/Publication': applied,
  'postgresql.cnpg.io/Subscription': applied,
  'postgresql.cnpg.io/DatabaseRole': applied,
  'postgresql.cnpg.io/Backup': backup,
  'postgresql.cnpg.io/ScheduledBackup': (_, { object }) => ({
    // As a CronJob: what it makes comes later, and it may be suspended.
    progress: ready(specOf(object).suspend === true ? 'suspended' : 'scheduled'),
  }),
  'postgresql.cnpg.io/Pooler': pooler,
  'postgres-operator.crunchydata.com/PostgresCluster': crunchy,
}

export function ownWords(entry: ObservedObject, context: RuleContext): OwnWords | undefined {
  const { apiVersion, kind, status } = entry.object
  const key = `${groupOf(apiVersion)}/${kind}`
  return Object.hasOwn(READ, key) ? READ[key]?.(isMap(status) ? status : {}, entry, context) : undefined
}

/** Argo CD: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/ and its sync status; the last operation tells why. */
function application(status: PlainMap, { object }: ObservedObject): OwnWords {
  const sync = text(inside(status['sync'], 'status'))
  const health = text(inside(status['health'], 'status'))
  const phase = text(inside(status['operationState'], 'phase'))
  const message = text(inside(status['operationState'], 'message')) || text(inside(status['health'], 'message'))
  if (sync === 'Synced' && health === 'Healthy' && phase !== 'Running') return { progress: ready('synced and healthy') }
  const said = [sync, health].filter((word) => word !== '').join(', ') || 'no status yet'
  const all: readonly unknown[] = Array.isArray(status['conditions']) ? status['conditions'] : []
  const error = all.find((one) => text(inside(one, 'type')).endsWith('Error'))
  const why = error === undefined ? message : text(inside(error, 'message'))
  const isWrong = error !== undefined || phase === 'Failed' || phase === 'Error' || health === 'Degraded'
  const progress = progressing(said)
  if (!isWrong) return { progress }
  return {
    progress,
    wrong: { said: why === '' ? said : `${said}: ${why}`, window: 'controllerGraceMs', mark: statusMark(object) },
  }
}

/** CloudNativePG's declared objects (api/v1/database_types.go). */
function applied(status: PlainMap, { object }: ObservedObject): OwnWords {
  if (status['applied'] === true) return { progress: ready('applied') }
  const said = text(status['message']) || 'not applied yet'
  const progress = progressing(said)
  if (status['applied'] !== false) return { progress }
  return { progress, wrong: { said, window: 'missingGraceMs', mark: statusMark(object) } }
}

/** api/v1/backup_types.go: one that has failed is not tried again. */
function backup(status: PlainMap): OwnWords {
  const phase = text(status['phase'])
  if (phase === 'completed') return { progress: ready('completed') }
  const progress = progressing(phase === '' ? 'not begun yet' : phase)
  const mark = `phase=${phase}`
  const said = text(status['error']) || phase
  if (phase === 'failed' || phase === 'invalid backup definition')
    return { progress, wrong: { said, window: 'now', mark } }
  return phase === 'walArchivingFailing' ? { progress, wrong: { said, window: 'missingGraceMs', mark } } : { progress }
}

/** Its status counts pods that are asked for, so the pods themselves are asked. */
function pooler(_: PlainMap, entry: ObservedObject, { cache }: RuleContext): OwnWords {
  const { instances = 1 } = specOf(entry.object)
  const count = readyPods(cache.podsBelow(entry.uid))
  const counts = `${count}/${instances}`
  return { progress: count < instances ? progressing(`${counts} instances ready`) : ready(counts) }
}

/** Its conditions speak of backups and proxies only; `instances` of the database (PostgresInstanceSetStatus). */
function crunchy(status: PlainMap): OwnWords | undefined {
  const sets: readonly unknown[] = Array.isArray(status['instances']) ? status['instances'] : []
  if (sets.length === 0) return undefined
  const count = (set: unknown, key: string): number => Number(inside(set, key) ?? 0)
  const open = sets.find((set) => {
    return Math.min(count(set, 'readyReplicas'), count(set, 'updatedReplicas')) < count(set, 'replicas')
  })
  if (open === undefined) return { progress: ready('all instances ready') }
  const ratio = `${count(open, 'readyReplicas')}/${count(open, 'replicas')}`
  return { progress: progressing(`instances ${text(inside(open, 'name'))}: ${ratio} ready`) }
}
