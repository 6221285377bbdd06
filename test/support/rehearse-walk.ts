import { openPlace, type Place } from './chart-walk.ts'
import { forgeHere, freshNamespace } from './cluster.ts'
import { document } from './forge.ts'
import { helmOf } from './helms.ts'
import { plannedOtherwise, rehearsed, type Restarted } from './rehearsed.ts'

interface Deployed {
  readonly outcome: string
  readonly restarted: readonly Restarted[]
  readonly verdict: { readonly code: string } | null
}

/**
 * A chart is deployed, and its change rehearsed: what a rehearsal says beside what the very deploys do in a second namespace, with
 * a failure and without. What is otherwise.
 */
export async function rehearseChart(name: string, major: 3 | 4): Promise<string[]> {
  const namespace = freshNamespace(`re${major}`)
  const [mine, theirs] = await Promise.all([openPlace(name, namespace), openPlace(name, `${namespace}-real`)])
  const env = { FORGE_HELM: await helmOf(major) }
  const deploy = async ({ dir }: Place): Promise<Deployed> =>
    document<Deployed>(await forgeHere(['deploy', '--env', 'test', '-C', dir, '--timeout', '30s', '--json'], env))
  try {
    const { change = { image: 'changed:2' }, break: broken = { ...change, image: 'registry.invalid/none:1' } } =
      mine.habit
    await Promise.all([mine.set({}), theirs.set({})])
    // While it waits for what others do, and after it, what of theirs it has written over.
    const [first, ...done] = await Promise.all([
      Promise.all([deploy(mine), deploy(theirs)]),
      mine.others(),
      theirs.others(),
    ])
    const odd = [
      ...first.flatMap(({ outcome }) => (outcome === 'deployed' ? [] : [`first deploy: ${outcome}`])),
      ...done.flat(),
    ]
    if (odd.length > 0) return odd
    await Promise.all([mine.others(), theirs.others()])
    await mine.set(change)
    const workload = await workloadOf(mine, env)
    const said = await rehearsed(mine.dir, ['--fail', `${workload}=image-pull`], env)
    await theirs.set(broken)
    const failed = await deploy(theirs)
    await theirs.set(change)
    const went = await deploy(theirs)
    const [failure] = said.rehearsal?.failures ?? []
    return [
      ...apart('the deploy', said.rehearsal?.deploy.outcome, went.outcome),
      ...apart('what restarts', said.restarted, inNamespace(went.restarted, namespace)),
      ...apart('the verdict', failure?.verdict?.code, failed.verdict?.code),
      ...apart('restored', failure?.restored, failed.outcome === 'restored'),
      ...apart('the outcome', said.outcome, 'rehearsed'),
      ...plannedOtherwise(said),
    ].map((text) => `${text}${said.verdict === null ? '' : ` (${said.verdict.message})`}`)
  } finally {
    for (const place of [mine, theirs]) await place.close()
  }
}

function apart(what: string, rehearsal: unknown, real: unknown): string[] {
  const [one, other] = [JSON.stringify(rehearsal), JSON.stringify(real)]
  return one === other ? [] : [`${what}: ${one} in the rehearsal, ${other} for real`]
}

/** What the second namespace restarts, as it would be called in the first one. */
function inNamespace(restarted: readonly Restarted[], namespace: string): unknown {
  return JSON.parse(JSON.stringify(restarted).replaceAll(`${namespace}-real`, namespace))
}

/** Its image cannot be pulled. */
async function workloadOf({ dir }: Place, env: Readonly<Record<string, string>>): Promise<string> {
  const ran = await forgeHere(['plan', '--env', 'test', '-C', dir, '-o', 'json'], env)
  const { objects } = document<{ objects: { ref: { kind: string; name: string } }[] }>(ran)
  const found = objects.find(({ ref: { kind } }) => ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind))
  return `${found?.ref.kind}/${found?.ref.name}`
}
