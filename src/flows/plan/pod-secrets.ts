import type { KubeObject } from '../../domain/kube.ts'
import { secretReferences, type SecretReference } from '../../domain/manifest/secret-references.ts'
import { makersOf, wantedText, type Awaited, type Wanted } from '../../domain/secrets/awaited.ts'
import { isScaledToNone } from '../../domain/secrets/maker-programs.ts'
import { kubectl } from '../../hint.ts'
import { refuse, unchecked, type Finding } from '../phases/findings.ts'
import type { Compared } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { hooksOf } from '../desire/hooks.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import { liveMakers } from './live-makers.ts'

type Ports = Pick<DeployPorts, 'signal'>

/**
 * Every key of every Secret without which a rendered pod does not start: in forge.yaml, in the charts or in the cluster, else
 * made by something: those are waited for. What nothing could make a pod would wait for in vain: E_SECRET_MISSING.
 */
export async function podSecrets(
  context: Compared,
  objects: readonly KubeObject[],
  ports: Ports,
): Promise<{ readonly awaited: readonly Awaited[]; readonly findings: readonly Finding[] }> {
  const hooks = context.releases.flatMap(hooksOf).map(({ object }) => object)
  const rendered = [...objects, ...hooks]
  const { wanted, unread } = await wantedOf(context, objects, rendered, ports)
  const told = wanted.map((one) => ({ ...one, makers: makersOf(one, rendered, rendered) }))
  const unmade = told.filter(({ makers, isRendered }) => makers.length === 0 && !isRendered)
  const live = unmade.length === 0 ? undefined : await liveMakers(context, unmade, rendered, ports)
  const all = told.map((one) => ({ ...one, makers: [...one.makers, ...(live?.makersOf(one) ?? [])] }))
  // A Secret of a chart without a key is the judge's: it may be that of a chart which fills it by itself.
  const missing = all.filter((one) => one.makers.length === 0 && !one.isRendered && live?.mayHide(one) !== true)
  const refused = missing.length > 0 ? [refusal(missing, context)] : []
  const awaited = all.filter(({ makers }) => makers.length > 0)
  return { awaited, findings: [...unread, ...(live?.unread ?? []), ...refused] }
}

interface Lacking extends Wanted {
  readonly isThere: boolean
  readonly isRendered: boolean
}

/** What is neither in forge.yaml nor in the charts nor in the cluster: each once, with all that need it. */
async function wantedOf(
  context: Compared,
  objects: readonly KubeObject[],
  rendered: readonly KubeObject[],
  ports: Ports,
): Promise<{ readonly wanted: readonly Lacking[]; readonly unread: readonly Finding[] }> {
  const { namespace: home } = context.project.environment
  const references = objects.filter((object) => !isScaledToNone(object)).flatMap(secretReferences)
  const charts = renderedKeys(rendered, home)
  const own = context.secretPlans.map(({ name, keys }): [string, ReadonlySet<string>] => {
    return [`${home}/${name}`, new Set(keys.map(({ key }) => key))]
  })
  const { known, unread } = await liveKeys(context, references, new Map([...charts, ...own]), ports)
  const found = new Map<string, Lacking>()
  for (const { secret, keys, by, namespace = home } of references) {
    const place = `${namespace}/${secret}`
    if (known.get(place) === 'unread') continue
    const has = known.get(place) as ReadonlySet<string> | undefined
    const lacking = has === undefined ? [undefined] : (keys ?? []).filter((one) => !has.has(one))
    for (const key of lacking) {
      const before = found.get(`${place} ${key ?? ''}`)
      found.set(`${place} ${key ?? ''}`, {
        namespace,
        secret,
        key,
        by: [...new Set([...(before?.by ?? []), by])],
        isThere: has !== undefined,
        isRendered: charts.has(place),
      })
    }
  }
  return { wanted: [...found.values()], unread }
}

/** `namespace/name` → keys, of what the charts make, hooks among it. */
function renderedKeys(rendered: readonly KubeObject[], home: string): Map<string, ReadonlySet<string>> {
  return new Map(
    rendered
      .filter(({ kind }) => kind === 'Secret')
      .map(({ metadata: { name, namespace = home }, data, stringData }) => [
        `${namespace}/${name}`,
        new Set([...Object.keys(data ?? {}), ...Object.keys(stringData ?? {})]),
      ]),
  )
}

interface Known {
  readonly known: ReadonlyMap<string, ReadonlySet<string> | 'unread' | undefined>
  readonly unread: readonly Finding[]
}

/**
 * The same with what is live, of Secrets that pods use: keys that neither forge nor helm names stay where they are. A plan goes
 * without what it may not read, and a deploy without what is in somebody else's namespace.
 */
async function liveKeys(
  context: Compared,
  references: readonly SecretReference[],
  ours: ReadonlyMap<string, ReadonlySet<string>>,
  { signal }: Ports,
): Promise<Known> {
  const { namespace: home } = context.project.environment
  const known = new Map<string, ReadonlySet<string> | 'unread' | undefined>(ours)
  const unread: Finding[] = []
  const lacks = ({ secret, keys, namespace = home }: SecretReference): boolean => {
    const has = ours.get(`${namespace}/${secret}`)
    return has === undefined || (keys ?? []).some((key) => !has.has(key))
  }
  const asked = new Map(references.filter(lacks).map((one) => [`${one.namespace ?? home}/${one.secret}`, one]))
  await Promise.all(
    [...asked].map(async ([place, { secret: name, namespace = home }]) => {
      const read = context.cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name }, signal)
      const live = await unlessForbidden(read, (why) => {
        known.set(place, 'unread')
        const what = namespace === home ? `Secret ${name}` : `Secret ${name} in namespace ${namespace}`
        unread.push(unchecked(`${what}, which pods use`, namespace === home ? why : why.message))
      })
      if (live !== undefined)
        known.set(place, new Set([...(ours.get(place) ?? []), ...Object.keys(live['data'] ?? {})]))
    }),
  )
  return { known, unread }
}

function refusal(missing: readonly Lacking[], { project, secretPlans }: Compared): Finding {
  const { namespace: home } = project.environment
  const ours = new Set(secretPlans.map(({ name }) => name))
  const problems = missing.map((one) => {
    const { secret, namespace, key, by, isThere } = one
    const [first = ''] = by
    const more = by.length > 1 ? ` (so ${by.length === 2 ? 'does' : 'do'} ${by.slice(1).join(', ')})` : ''
    const what =
      key !== undefined && isThere
        ? `${wantedText(one, home)}, which it does not have`
        : `Secret ${secret}, which is ${ours.has(secret) ? `in namespace ${home}, where forge.yaml has it made, and not` : 'neither in forge.yaml nor'} in namespace ${namespace}`
    return {
      message: `${first} needs ${what}${more}`,
      hint: kubectl(['get', 'secret', secret], namespace),
      where: first,
    }
  })
  const [{ message, hint, where }, ...others] = problems as [(typeof problems)[number], ...typeof problems]
  return refuse('E_SECRET_MISSING', message, { hint, where, ...(others.length === 0 ? {} : { problems }) })
}
