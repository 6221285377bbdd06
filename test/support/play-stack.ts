import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { parseAllDocuments, stringify } from 'yaml'
import { freshNamespace, kubectl, objects } from './cluster.ts'
import { generateStack, type GeneratedStack } from './generated-stack.ts'
import { allReady, identities, type Identities } from './legacy-stack.ts'
import { helmRecords, migrate, stated, type Ended } from './migrating.ts'
import { projectOf, type TestProject } from './project.ts'
import { oneOf, randomFrom, type Random } from './random.ts'

const HOW = [['apply'], ['apply'], ['apply', '--server-side'], ['create']] as const

/**
 * A generated stack is taken over by a generated chart, after a failure now and then, and given back. What is not as it has to be,
 * told by the seed; empty: all is.
 */
export async function playStack(seed: number): Promise<readonly string[]> {
  const random = randomFrom(seed)
  const stack = generateStack(random)
  const namespace = freshNamespace('any')
  const project = await projectFor(stack, namespace)
  try {
    await make(stack, project, namespace, random)
    const problems = await play(project, namespace, stack, random() < 0.5)
    return problems.map((one) => `seed ${seed}: ${one}`)
  } finally {
    await kubectl(['delete', 'namespace', namespace, '--wait=false'])
  }
}

async function projectFor({ old, chart }: GeneratedStack, namespace: string): Promise<TestProject> {
  return await projectOf({
    'forge.yaml': stringify({
      ...{ version: 1, project: namespace, environments: { test: { cluster: 'sandbox', namespace } } },
      releases: { shop: { chart: './chart' } },
    }),
    'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
    'chart/values.yaml': 'registry: ""\n',
    'chart/templates/all.yaml': chart.map((one) => `---\n${stringify(one)}`).join(''),
    ...Object.fromEntries(Object.entries(old).map(([name, text]) => [`old/${name}`, text])),
  })
}

/** Each object in a way of its own, and then what people did since. */
async function make({ foreign, byHand }: GeneratedStack, { dir }: TestProject, namespace: string, random: Random) {
  const on = ['-n', namespace]
  await kubectl(['create', 'namespace', namespace])
  const rendered = parseAllDocuments(await kubectl(['kustomize', join(dir, 'old')])).map((one) =>
    JSON.stringify(one.toJS()),
  )
  for (const text of rendered) await kubectl([...on, ...oneOf(random, HOW), '-f', '-'], text)
  for (const one of foreign) await kubectl([...on, 'apply', '-f', '-'], JSON.stringify(one))
  await ready(namespace)
  for (const args of byHand) await kubectl([...on, ...args])
  await ready(namespace)
}

async function ready(namespace: string): Promise<void> {
  const sets = (await objects('statefulsets', namespace)).map(({ metadata }) => metadata.name)
  await Promise.all(
    sets.map(
      async (name) => await kubectl(['-n', namespace, 'rollout', 'status', `statefulset/${name}`, '--timeout=60s']),
    ),
  )
  await allReady(namespace)
  if ((await objects('persistentvolumeclaims', namespace)).length > 0)
    await kubectl(['-n', namespace, 'wait', 'persistentvolumeclaims', '--all', '--for=jsonpath={.status.phase}=Bound'])
}

async function play(
  project: TestProject,
  namespace: string,
  { foreign }: GeneratedStack,
  fails: boolean,
): Promise<string[]> {
  const stack = { project, from: 'old' }
  const [fields, before] = [await stated(namespace), await identities(namespace)]
  const names = foreign.map(({ kind, metadata }) => `${String(kind)}/${(metadata as { name: string }).name}`)
  const problems: string[] = []
  const hold = async (when: string, gone: readonly string[], isBack: boolean): Promise<void> => {
    const after = await identities(namespace)
    for (const name of names)
      if (!isDeepStrictEqual(after.get(name), before.get(name))) problems.push(`${when}: ${name} was touched`)
    problems.push(...remade(before, after, gone).map((name) => `${when}: ${name} is gone, or another one`))
    if (!isBack) return
    problems.push(...differing(fields, await stated(namespace)).map((one) => `${when}: ${one}`))
    if ((await helmRecords(namespace)) > 0) problems.push(`${when}: helm has records of it`)
  }
  const ended = (when: string, { status, report: { outcome, verdict } }: Ended, wanted: string): boolean => {
    if (outcome === wanted) return true
    problems.push(`${when}: ${outcome}, status ${status ?? '?'}: ${verdict?.code ?? ''} ${verdict?.message ?? ''}`)
    return false
  }
  const run = async (...args: readonly string[]): Promise<Ended> => {
    return await migrate(stack, '--from', 'old', '--overwrite-drift', ...args)
  }

  if (fails) {
    if (!ended('failed', await run('--set', 'registry=registry.invalid/'), 'restored')) return problems
    await hold('failed', [], true)
  }
  const first = await run()
  if (!ended('migrated', first, 'deployed')) return problems
  await hold('migrated', first.report.retired, false)
  ended('again', await run(), 'unchanged')
  ended('undone', await migrate(stack, '--undo'), 'rolled-back')
  await hold('undone', first.report.retired, true)
  return problems
}

function remade(before: Identities, after: Identities, gone: readonly string[]): string[] {
  return [...before].flatMap(([name, { uid }]) => (gone.includes(name) || after.get(name)?.uid === uid ? [] : [name]))
}

/** Each field that differs, with both. */
function differing(before: unknown, after: unknown, path = ''): string[] {
  if (isDeepStrictEqual(before, after)) return []
  const [one, other] = [before, after].map((value) => (typeof value === 'object' && value !== null ? value : undefined))
  if (one === undefined || other === undefined)
    return [`${path} was ${JSON.stringify(before)}, and is ${JSON.stringify(after)}`]
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  const valueOf = (of: object, name: string): unknown => (of as Record<string, unknown>)[name]
  return names.flatMap((name) => differing(valueOf(one, name), valueOf(other, name), `${path} ${name}`))
}
