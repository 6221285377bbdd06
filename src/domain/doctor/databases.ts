import { kubectl } from '../../hint.ts'
import { isMap } from '../config/path.ts'
import { nameOf, type KubeObject } from '../kube.ts'
import { list, record } from '../look/shape.ts'
import type { Json } from '../values/model.ts'
import { showOrigin } from '../values/why.ts'
import { isCluster } from './clusters.ts'
import type { Mistake, WrittenRelease } from './mistake.ts'
import { podMakers } from './pods.ts'

/** A database that something connects to. */
interface Wanted {
  readonly host: string
  readonly database: string
  readonly where: string
}

/**
 * Databases that values or pods name on a CloudNativePG Cluster of the render, and that nothing makes there: `initdb` makes one, a
 * Database object each of the others. Its owner may make none, so a Job counts only where somebody is given the right.
 */
export function unmadeDatabases(releases: readonly WrittenRelease[]): Mistake[] {
  const objects = releases.flatMap((release) => release.objects.map(({ object }) => object))
  const wanted = releases.flatMap((release) => [...wantedInValues(release), ...wantedByPods(release)])
  const told = new Set<string>()
  return objects.filter(isCluster).flatMap((cluster) => {
    const made = madeIn(cluster, objects)
    if (made === 'unknown') return []
    return wanted
      .filter(({ host, database }) => isAt(host, cluster) && !made(database))
      .flatMap(({ database, where }): Mistake[] => {
        const key = `${nameOf(cluster)}/${database}`
        if (told.has(key)) return []
        told.add(key)
        const text = `${where}: nothing makes the database ${database} in ${nameOf(cluster)}: initdb makes ${initial(cluster)} alone, a Database object makes others`
        return [{ text, where, hint: kubectl(['explain', 'database.spec', `--api-version=${cluster.apiVersion}`]) }]
      })
  })
}

/** Its Services are `NAME-rw`, `-ro` and `-r`. */
function isAt(host: string, { metadata: { name } }: KubeObject): boolean {
  const [first = ''] = host.split(/[.:]/u)
  return [`${name}-rw`, `${name}-ro`, `${name}-r`].includes(first)
}

function initial(cluster: KubeObject): string {
  const { database } = record(record(bootstrapOf(cluster))['initdb'])
  return typeof database === 'string' ? database : 'app'
}

function bootstrapOf({ spec }: KubeObject): unknown {
  return record(spec)['bootstrap']
}

/** `unknown`: it begins as a copy of another. */
function madeIn(cluster: KubeObject, objects: readonly KubeObject[]): 'unknown' | ((database: string) => boolean) {
  const bootstrap = record(bootstrapOf(cluster))
  const isCopy = 'recovery' in bootstrap || 'pg_basebackup' in bootstrap || 'import' in record(bootstrap['initdb'])
  if (isCopy) return 'unknown'
  const { name } = cluster.metadata
  const named = objects
    .filter(({ kind, apiVersion }) => kind === 'Database' && apiVersion === cluster.apiVersion)
    .map(({ spec }) => record(spec))
    .filter((spec) => record(spec['cluster'])['name'] === name)
    .map((spec) => spec['name'])
  const known = new Set<unknown>(['postgres', 'template1', initial(cluster), ...named])
  const scripts = [bootstrap, ...(mayCreate(cluster) ? objects.filter(isJob) : [])].map((one) => JSON.stringify(one))
  const files = objects.filter(({ kind }) => kind === 'ConfigMap').map((one) => JSON.stringify(one))
  return (database) => known.has(database) || scripts.some((text) => creates(text, database, files))
}

const isJob = ({ kind }: KubeObject): boolean => kind === 'Job'

/** The command may stand in a script beside it. */
function creates(text: string, database: string, files: readonly string[]): boolean {
  const command = /create[-_ ]?(?:database|db)/iu
  const mentioned = [text, ...files].some((one) => one.includes(database) && command.test(one))
  return mentioned || (text.includes(database) && files.some((one) => command.test(one)))
}

/** Somebody but the owner of the first database may make others. */
function mayCreate({ spec }: KubeObject): boolean {
  const { enableSuperuserAccess, managed } = record(spec)
  const roles = list(record(managed)['roles']).map(record)
  return (
    enableSuperuserAccess === true || roles.some(({ createdb, superuser }) => createdb === true || superuser === true)
  )
}

const DATABASE_KEYS = ['database', 'databaseName', 'dbname', 'dbName']
const HOST_KEYS = ['host', 'hostname', 'connectAddr', 'address']

function wantedInValues({ origins }: WrittenRelease): Wanted[] {
  const texts = [...origins].flatMap(([path, [{ origin, value }]]) => {
    const [, above = '', key = ''] = /^(?:(.*)\.)?([^.]+)$/u.exec(path) ?? []
    return typeof value === 'string' ? [{ above, key, value, origin }] : []
  })
  return texts
    .filter(({ key }) => DATABASE_KEYS.includes(key))
    .flatMap(({ above, value: database, origin }) => {
      const host = texts.find((one) => one.above === above && HOST_KEYS.includes(one.key))
      return host === undefined ? [] : [{ host: host.value, database, where: showOrigin(origin) }]
    })
}

const HOST_VARIABLE = /(?:^|_)(?:HOST|HOSTNAME|SERVER|ADDR|ADDRESS|SEEDS)$/u
const DATABASE_VARIABLE = /(?:^|_)(?:DATABASE|DBNAME|DB_NAME|DATABASE_NAME|DATABASE_VISIBILITY)$/u

function wantedByPods({ objects }: WrittenRelease): Wanted[] {
  const makers = podMakers(
    objects.map(({ object }) => object),
    '',
  )
  return makers.flatMap(({ object, spec }) =>
    [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap((container) => {
      const env = list(record(container)['env']).filter(isMap) as readonly Readonly<Record<string, Json>>[]
      const texts = env.flatMap(({ name, value }) =>
        typeof name === 'string' && typeof value === 'string' ? [{ name, value }] : [],
      )
      const host = texts.find(({ name }) => HOST_VARIABLE.test(name))?.value
      const databases = texts.filter(({ name }) => DATABASE_VARIABLE.test(name))
      return host === undefined
        ? []
        : databases.map(({ value: database }) => ({ host, database, where: nameOf(object) }))
    }),
  )
}
