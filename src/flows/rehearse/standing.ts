import { kindKey, keyOf, refOf, type KubeObject, type ObjectRef } from '../../domain/kube.ts'
import { RELEASE_NAME } from '../../domain/plan/ownership.ts'
import { RECORD_TYPE } from '../../domain/rehearsal/disguise.ts'
import { standingOf, type Standing } from '../../domain/rehearsal/standing.ts'
import { inParallel } from '../in-parallel.ts'
import type { Tonight } from './rehearse.ts'
import type { Scene } from './scene.ts'

const LISTS_AT_ONCE = 8

/** What the releases have in a sandbox, and what pods of theirs are given: to be compared with what they had before. */
export async function standingIn(
  { sandbox: { cluster } }: Scene,
  { planned, copies }: Tonight,
  signal: AbortSignal,
): Promise<Standing> {
  const { releases, live, project } = planned
  const { namespace } = project.environment
  const secrets = project.secrets.map(({ name }): ObjectRef => ({ apiVersion: 'v1', kind: 'Secret', namespace, name }))
  const rendered = releases.flatMap((work) => work.rendered.map(({ object }) => refOf(object)))
  const refs = [...[...live.values()].map(refOf), ...rendered, ...secrets]
  const wanted = new Set([...refs.map(keyOf), ...copies.objects.map(keyOf)])
  const served = new Set((await cluster.resources(signal)).map(kindKey))
  const kinds = new Map(
    refs
      .filter((ref) => served.has(kindKey(ref)))
      .map(({ apiVersion, kind, namespace: place }) => [
        `${apiVersion}/${kind}/${place ?? ''}`,
        { apiVersion, kind, place },
      ]),
  )
  const lists = await inParallel([...kinds.values()], LISTS_AT_ONCE, async ({ apiVersion, kind, place }) => {
    return await cluster.list({ apiVersion, kind }, place === undefined ? {} : { namespace: place }, signal)
  })
  const names = new Set(releases.map(({ release }) => release.name))
  const isOwn = (object: KubeObject): boolean =>
    wanted.has(keyOf(object)) || names.has(object.metadata.annotations?.[RELEASE_NAME] ?? '')
  return standingOf(lists.flat().filter((object) => isOwn(object) && !isState(object)))
}

/** What helm and forge write down of each deploy. */
function isState(object: KubeObject): boolean {
  const type = typeof object['type'] === 'string' ? object['type'] : ''
  return object.kind === 'Secret' && /^(?:helm\.sh|forge\.api-forge\.io)\//u.test(type)
}

/** There is nothing to go back to, and what was made stays. */
export function isFirstInstall({ planned, copies }: Tonight): boolean {
  const isManaged = planned.project.environment.managedBy !== undefined
  // What Argo CD applies, and Flux of plain objects, helm has no record of but the one that was made for the sandbox.
  const stands = isManaged && copies.objects.some((one) => one['type'] === RECORD_TYPE)
  return !stands && planned.releases.every((work) => work.before === undefined)
}
