import { isMap, type PlainMap } from '../config/path.ts'
import type { KubeObject, ObjectMeta, OwnerReference } from '../kube.ts'

/** Of what forge makes of it: which entry of `backups` it is of. */
export const BACKUP_MARK = 'forge.api-forge.io/backup'

/** The API server takes names of Jobs up to here, as their pods carry them as a label. */
const LONGEST = 63

/** `postgres-backup-forge-42`; with `again` one more of that number. */
export function backupName(source: string, suffix: string, again: number): string {
  const end = `-forge-${suffix}${again === 0 ? '' : `-${again + 1}`}`
  return `${source.slice(0, LONGEST - end.length).replace(/[-.]+$/u, '')}${end}`
}

type Template = { readonly metadata?: Pick<ObjectMeta, 'labels' | 'annotations'>; readonly spec?: unknown }

/** A Job as `kubectl create job --from` makes it (kubectl/pkg/cmd/create/create_job.go). */
export function jobFrom(cronJob: KubeObject, name: string, backup: string): KubeObject {
  const { jobTemplate = {} } = (cronJob['spec'] ?? {}) as { readonly jobTemplate?: Template }
  const { labels, annotations } = jobTemplate.metadata ?? {}
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      ...placeOf(cronJob),
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, 'cronjob.kubernetes.io/instantiate': 'manual', [BACKUP_MARK]: backup },
      ownerReferences: [ownerOf(cronJob)],
    },
    spec: jobTemplate.spec,
  }
}

const COPIED = ['cluster', 'target', 'method', 'online', 'onlineConfiguration', 'pluginConfiguration'] as const
const DEADLINE = 'cnpg.io/volumeSnapshotDeadline'

/** A Backup as the operator makes it of a ScheduledBackup (api/v1/scheduledbackup_funcs.go and its controller). */
export function backupFrom(scheduled: KubeObject, cluster: KubeObject, name: string, backup: string): KubeObject {
  const spec: PlainMap = isMap(scheduled['spec']) ? scheduled['spec'] : {}
  const deadline = scheduled.metadata.annotations?.[DEADLINE]
  const { backupOwnerReference: by } = spec
  const owner = by === 'self' ? scheduled : by === 'cluster' ? cluster : undefined
  return {
    apiVersion: cluster.apiVersion,
    kind: 'Backup',
    metadata: {
      name,
      ...placeOf(cluster),
      labels: {
        'cnpg.io/cluster': cluster.metadata.name,
        'cnpg.io/immediateBackup': 'false',
        'cnpg.io/scheduled-backup': scheduled.metadata.name,
      },
      annotations: { [BACKUP_MARK]: backup, ...(deadline === undefined ? {} : { [DEADLINE]: deadline }) },
      ...(owner?.metadata.uid === undefined ? {} : { ownerReferences: [ownerOf(owner)] }),
    },
    spec: Object.fromEntries(COPIED.flatMap((key) => (spec[key] === undefined ? [] : [[key, spec[key]]]))),
  }
}

function placeOf({ metadata: { namespace } }: KubeObject): Pick<ObjectMeta, 'namespace'> {
  return namespace === undefined ? {} : { namespace }
}

function ownerOf({ apiVersion, kind, metadata: { name, uid = '' } }: KubeObject): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true }
}

/** The Cluster that a ScheduledBackup, or a Backup, is of. */
export function clusterOf({ spec }: KubeObject): string {
  return (spec as { readonly cluster?: { readonly name?: string } } | undefined)?.cluster?.name ?? ''
}

/** How many of a CronJob's Jobs may run at once: the chart's own word counts for forge's, too. */
export function isAlone({ spec }: KubeObject): boolean {
  return (spec as { readonly concurrencyPolicy?: string } | undefined)?.concurrencyPolicy === 'Forbid'
}

const MOST_NAMES = 20

/**
 * What a container says when it ends (terminationMessagePath): the names of its dumps in one line, as the chart of this
 * repository has it. Undefined: it says nothing, or something else.
 */
export function namesSaid(pods: readonly KubeObject[]): string | undefined {
  interface Ended {
    readonly state?: { readonly terminated?: { readonly exitCode?: number; readonly message?: string } }
  }
  const texts = pods.flatMap(({ status }) => {
    const { containerStatuses = [] } = (status ?? {}) as { readonly containerStatuses?: readonly Ended[] }
    return containerStatuses.flatMap(({ state }) => {
      const end = state?.terminated
      return end?.exitCode === 0 && end.message !== undefined ? [end.message.trim()] : []
    })
  })
  const names = texts.flatMap((text) => (text === '' ? [] : text.split(' ')))
  const isName = (word: string): boolean => /^[\w][\w.:/@=+-]{0,199}$/u.test(word)
  return names.length > 0 && names.length <= MOST_NAMES && names.every(isName) ? names.join(' ') : undefined
}
