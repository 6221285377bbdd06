import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { stringify } from 'yaml'
import { CHARTS, habitIn, type Habit, type Others, type Values } from './chart-habits.ts'
import { chartObjects, differences, removeClusterWide, type ChartObjects, type Where } from './chart-objects.ts'
import { forgeHere, freshNamespace, kubectl } from './cluster.ts'
import type { Ran } from './forge.ts'
import { helmOf } from './helms.ts'
import { testSandbox } from './sandbox.ts'

/** Words of the charts' files that are filled in; binary files are copied as they are. */
const TEXTS = /\.(?:ya?ml|tpl|txt|json)$/u
/** Controllers write a moment later. */
const PATIENCE_MS = 15_000

/**
 * All that a user does with a chart, one after the other, beside what helm alone leaves in a second namespace; what is
 * otherwise than it should be.
 */
export async function walkChart(name: string, major: 3 | 4): Promise<string[]> {
  const namespace = freshNamespace(`chart${major}`)
  const [mine, theirs] = await Promise.all([openPlace(name, namespace), openPlace(name, `${namespace}-helm`)])
  try {
    const walk = new Walk(mine, theirs, major, await helmOf(major))
    const odd: string[] = []
    for (const step of STEPS) {
      const found = (await walk[step]()).map((text) => `${step}: ${text}`)
      odd.push(...found)
      // What comes after a command that failed would only repeat it.
      if (found.some((text) => text.includes('exit status'))) break
    }
    return odd
  } finally {
    for (const place of [mine, theirs]) await place.close()
  }
}

const STEPS = ['deploy', 'refuse', 'again', 'change', 'fail', 'back', 'leave'] as const

class Walk {
  readonly #mine: Place
  readonly #theirs: Place
  readonly #major: 3 | 4
  readonly #helm: string
  #before: ChartObjects = new Map()

  constructor(mine: Place, theirs: Place, major: 3 | 4, helm: string) {
    this.#mine = mine
    this.#theirs = theirs
    this.#major = major
    this.#helm = helm
  }

  async deploy(): Promise<string[]> {
    return await this.#both(
      async () => await among(this.#mine, this.#deploy({}, 0, 'deployed')),
      async () => await among(this.#theirs, this.#upgrade({})),
    )
  }

  async refuse(): Promise<string[]> {
    const { refused } = this.#mine.habit
    return refused === undefined ? [] : await this.#deploy(refused, 3, 'refused')
  }

  async again(): Promise<string[]> {
    const { again = 'unchanged' } = this.#mine.habit
    if (again === 'unchanged') return [...(await this.#deploy({}, 0, again)), ...(await this.#asBefore([]))]
    return await this.#both(
      async () => await this.#deploy({}, 0, again),
      async () => await this.#upgrade({}),
    )
  }

  async change(): Promise<string[]> {
    const { change = { image: 'changed:2' } } = this.#mine.habit
    return await this.#both(
      async () => await among(this.#mine, this.#deploy(change, 0, 'deployed')),
      async () => await among(this.#theirs, this.#upgrade(change)),
    )
  }

  async fail(): Promise<string[]> {
    const { change, break: broken = { ...change, image: 'registry.invalid/none:1' } } = this.#mine.habit
    return [...(await this.#deploy(broken, 4, 'restored')), ...(await this.#asBefore(this.#mine.habit.hooks))]
  }

  async back(): Promise<string[]> {
    const { again, hooks } = this.#mine.habit
    return await this.#both(
      async () => await among(this.#mine, this.#forge(['rollback', '--yes'], 0, 'rolled-back')),
      async () =>
        await among(this.#theirs, this.#run(['rollback', 'chart', again === 'deployed' ? '2' : '1', ...this.#force()])),
      hooks,
    )
  }

  async leave(): Promise<string[]> {
    const { hooks = [], kept = [] } = this.#mine.habit
    return await this.#both(
      async () => await this.#forge(['uninstall', '--yes'], 0, 'uninstalled'),
      async () => await this.#run(['uninstall', 'chart']),
      [...hooks, ...kept],
    )
  }

  /** forge here, helm there, at the same time; then both have to have left the same. */
  async #both(
    mine: () => Promise<string[]>,
    theirs: () => Promise<string[]>,
    except: readonly string[] = [],
  ): Promise<string[]> {
    const { random, apart = [] } = this.#mine.habit
    const isApart = apart.includes(this.#major)
    const said = (await Promise.all([mine(), ...(isApart ? [] : [theirs()])])).flat()
    if (said.length > 0) return said
    return await settled(async () => {
      const left = await chartObjects(this.#mine)
      const wanted = isApart ? left : await chartObjects(this.#theirs)
      this.#before = left
      return differences(left, wanted, { random, except })
    })
  }

  /** The very objects that were there before this step. */
  async #asBefore(except: readonly string[] | undefined): Promise<string[]> {
    return await settled(async () => differences(await chartObjects(this.#mine), this.#before, { same: true, except }))
  }

  async #deploy(values: Values, status: number, outcome: string): Promise<string[]> {
    await this.#mine.set(values)
    return await this.#forge(['deploy', '--timeout', '30s'], status, outcome)
  }

  async #forge(args: readonly string[], status: number, outcome: string): Promise<string[]> {
    const [command = '', ...flags] = args
    const ran = await forgeHere([command, '--env', 'test', '-C', this.#mine.dir, '--json', ...flags], {
      FORGE_HELM: this.#helm,
    })
    const is = outcomeOf(ran)
    if (ran.status !== status) return [`exit status ${ran.status} instead of ${status}: ${ran.stdout}\n${ran.stderr}`]
    return is === outcome ? [] : [`${is} instead of ${outcome}: ${ran.stderr}`]
  }

  async #upgrade(values: Values): Promise<string[]> {
    await this.#theirs.set(values)
    const { dir } = this.#theirs
    const args = ['--create-namespace', '--reset-values', '--values', join(dir, 'values.yaml'), ...this.#force()]
    return await this.#run(['upgrade', '--install', 'chart', join(dir, 'chart'), ...args])
  }

  #force(): string[] {
    return this.#mine.habit.conflicts === true && this.#major === 4 ? ['--force-conflicts'] : []
  }

  async #run(args: readonly string[]): Promise<string[]> {
    const { kubeconfig } = await testSandbox()
    const where = ['--namespace', this.#theirs.namespace, '--kubeconfig', kubeconfig]
    const { exitCode, stderr } = await execa(this.#helm, [...args, ...where], { reject: false, stdin: 'ignore' })
    return exitCode === 0 ? [] : [`helm ${args[0] ?? ''}: exit status ${exitCode}: ${stderr}`]
  }
}

/**
 * A deploy in a cluster in which others do their part: while it waits for that, and after it, what of theirs it has written
 * over.
 */
async function among(place: Place, deploy: Promise<string[]>): Promise<string[]> {
  const odd = (await Promise.all([deploy, place.others()])).flat()
  return odd.length > 0 ? odd : await place.others()
}

/** A copy of the chart for one namespace. */
export interface Place extends Where {
  readonly dir: string
  /** As it is written: the comparison goes by NAMESPACE, too. */
  readonly habit: Habit
  set(values: Values): Promise<void>
  /** Resolves once the others have done their part. */
  others(): Promise<string[]>
  close(): Promise<void>
}

export async function openPlace(name: string, namespace: string): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-chart-'))
  const words = { NAMESPACE: namespace }
  await cp(join(CHARTS, name), dir, { recursive: true })
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (entry.isFile() && TEXTS.test(entry.name)) await writeFile(file, filled(await readFile(file, 'utf8'), words))
  }
  const { kinds = [], namespaces = [], values = {}, others = [] } = await habitIn(dir)
  const environments = { test: { cluster: 'sandbox', namespace } }
  const releases = { chart: { chart: './chart', values: ['values.yaml'] } }
  await writeFile(join(dir, 'forge.yaml'), stringify({ version: 1, project: 'chart', environments, releases }))
  return {
    dir,
    habit: await habitIn(join(CHARTS, name)),
    namespace,
    kinds,
    namespaces,
    set: async (more) => await writeFile(join(dir, 'values.yaml'), stringify({ ...values, ...more })),
    async others() {
      return (await Promise.all(others.map(async (one) => await doTheirPart(namespace, one)))).flat()
    },
    async close() {
      await removeClusterWide(namespace)
      await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false'])
    },
  }
}

async function doTheirPart(namespace: string, { once, apply, shows }: Others): Promise<string[]> {
  const where = ['--namespace', namespace]
  const wait = async (what: string): Promise<string> => await kubectl(['wait', once, what, ...where, '--timeout=60s'])
  const args = ['--server-side', '--field-manager=others', '--force-conflicts', '--filename', '-']
  try {
    await wait('--for=create')
    if (apply !== undefined) await kubectl(['apply', ...where, ...args], stringify(apply))
    if (shows !== undefined) await wait(`--for=jsonpath=${shows}`)
    return []
  } catch (error) {
    return [`the others: exit status of kubectl: ${String(error)}`]
  }
}

function filled(text: string, words: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\bNAMESPACE\b/gu, (word) => words[word] ?? word)
}

function outcomeOf({ stdout }: Ran): string {
  try {
    return (JSON.parse(stdout) as { outcome: string }).outcome
  } catch {
    return 'no document'
  }
}

/** What is odd, once nothing is, or when it stays so. */
async function settled(look: () => Promise<string[]>): Promise<string[]> {
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    const odd = await look()
    if (odd.length === 0 || Date.now() > until) return odd
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
