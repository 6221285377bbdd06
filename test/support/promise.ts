import * as fc from 'fast-check'
import { inPool } from './kill-points.ts'
import { defineThing, look, lost, notRunning, otherwise, type ByHand, type Seen } from './promise-oracle.ts'
import { scenarios, Stage, type Scenario, type Step, type Told } from './promise-run.ts'
import type { Shape } from './promise-shape.ts'

const AT_ONCE = Number(process.env['FORGE_PROMISE_AT_ONCE'] ?? 6)
const TIME = ['--timeout', '40s']
const NOTHING: ByHand = { gone: [] }
/** Nothing was changed. */
const REFUSED: ReadonlySet<number> = new Set([3, 6, 7])

export interface Broken {
  readonly run: number
  readonly story: string
}

/** Plays so many scenarios; the same seed plays the same ones. `only`: one of them, by its number. */
export async function playPromise(seed: number, runs: number, only?: number): Promise<Broken[]> {
  const group = `promise${process.pid}x${Date.now().toString(36)}.example.test`
  await defineThing(group)
  const all = fc.sample(scenarios, { seed, numRuns: runs }).map((scenario, run) => ({ scenario, run }))
  const wanted = only === undefined ? all : all.filter(({ run }) => run === only)
  const broken: Broken[] = []
  await inPool(wanted, AT_ONCE, async ({ scenario, run }) => {
    const play = new Play(scenario)
    const odd = await play.all(group).catch((error: unknown) => [`the test itself: ${String(error)}`])
    if (odd.length === 0 && process.env['FORGE_PROMISE_TELL'] === undefined) return
    const again = `FORGE_PROMISE_SEED=${seed} FORGE_PROMISE_RUNS=${runs} FORGE_PROMISE_ONLY=${run}`
    const story = [`${again}  helm ${scenario.helm}`, ...play.story, ...odd.map((one) => `  ✖ ${one}`)].join('\n')
    if (odd.length > 0) broken.push({ run, story })
    process.stderr.write(`\n${story}\n`)
  })
  return broken
}

/** One scenario: what was done, what forge said, and what the cluster says to that. */
class Play {
  readonly story: string[] = []
  readonly #scenario: Scenario
  /** What each deploy that was ready runs. */
  readonly #shapes = new Map<number, Shape>()
  /** The newest shape that was ready. */
  #live: Shape
  /** How many deploys have reached their state. */
  #reached = 0
  #byHand: ByHand = NOTHING
  /** Claims whose loss somebody has agreed to. */
  readonly #agreed = new Set<string>()
  #version = 1

  constructor(scenario: Scenario) {
    this.#scenario = scenario
    this.#live = scenario.first
  }

  async all(group: string): Promise<string[]> {
    const { helm, first, steps } = this.#scenario
    const stage = await Stage.open(helm, group)
    const kinds = [`things.${group}`]
    try {
      const begun = await this.#deploy(first, ['deploy', ...TIME], undefined, true, stage, kinds)
      if (begun.length > 0) return begun
      for (const step of steps) {
        const odd = await this.#take(step, stage, kinds)
        if (odd.length > 0) return odd
      }
      return await this.#end(stage, kinds)
    } finally {
      await stage.close()
    }
  }

  async #take(step: Step, stage: Stage, kinds: readonly string[]): Promise<string[]> {
    if (step.before !== undefined) {
      this.story.push(`  by hand: ${step.before}`)
      await stage.byHand(step.before)
      const { gone } = this.#byHand
      const [verb = '', name = ''] = step.before.split(' ')
      this.#byHand = verb === 'scale' ? { web: 3, gone } : { ...this.#byHand, gone: [...gone, name] }
    }
    if (step.command !== 'deploy') return await this.#other(step, stage, kinds)
    const { change } = step.change
    const shape = change({ ...this.#live, version: (this.#version += 1) })
    const flags = step.before === undefined ? [] : ['--overwrite-drift']
    this.story.push(`  change: ${step.change.name}`)
    return await this.#deploy(shape, ['deploy', ...flags, ...TIME], step, step.change.isGood, stage, kinds)
  }

  async #deploy(
    shape: Shape,
    args: readonly string[],
    step: Step | undefined,
    isGood: boolean,
    stage: Stage,
    kinds: readonly string[],
  ): Promise<string[]> {
    await stage.render(shape)
    const { before, told, after } = await this.#run(args, step, stage, kinds)
    const always = this.#always(told, step?.fault, before, after)
    if (always.length > 0) return always
    if (told.status === 0) {
      const number = Number(/^Deployed #(\d+) /mu.exec(told.text)?.[1])
      this.#byHand = NOTHING
      const odd = [
        ...(isGood ? [] : ['exit status 0, and it cannot be ready']),
        ...notRunning(shape, after, this.#byHand),
      ]
      if (!Number.isNaN(number)) this.#shapes.set(number, shape)
      this.#live = shape
      this.#reached += 1
      return odd
    }
    return await this.#failed(shape, step, told, { before, after }, stage, kinds)
  }

  /** A command, and again as long as it is refused for what somebody can agree to or put right. */
  async #run(
    args: readonly string[],
    step: Pick<Step, 'fault' | 'agrees'> | undefined,
    stage: Stage,
    kinds: readonly string[],
  ): Promise<{ before: Seen; told: Told; after: Seen }> {
    const before = await look(stage.namespace, kinds)
    const told = await stage.run(args, step?.fault)
    const after = await look(stage.namespace, kinds)
    this.#tell(args, step, told)
    const way = step?.agrees === false || told.status !== 3 ? undefined : wayOn(told.text)
    if (way === undefined || otherwise(before, after, this.#agreed).length > 0) return { before, told, after }
    for (const name of way.claims) this.#agreed.add(name)
    if (way.deletesHook) await stage.deleteHook()
    return await this.#run([...args, ...way.flags], step, stage, kinds)
  }

  /** What holds after every run. */
  #always({ status, text }: Told, fault: Step['fault'], before: Seen, after: Seen): string[] {
    const claimed = /runs #(\d+) again, proven/u.exec(text)?.[1]
    const said = claimed === undefined ? undefined : this.#shapes.get(Number(claimed))
    return [
      ...lost(before, after, this.#agreed),
      ...(status === 1 && !/E_BUG/u.test(text) ? ['exit status 1 without E_BUG'] : []),
      ...(status === 2 ? ['exit status 2'] : []),
      ...(said === undefined
        ? []
        : notRunning(said, after, this.#byHand).map((one) => `"${claimed} again, proven": ${one}`)),
      // An API server that answers no more cannot be told either.
      ...(status !== undefined && fault?.kind !== 'api' && after.holder !== ''
        ? [`the lock is held by ${after.holder}`]
        : []),
    ]
  }

  async #failed(
    shape: Shape,
    step: Step | undefined,
    told: Told,
    { before, after }: { readonly before: Seen; readonly after: Seen },
    stage: Stage,
    kinds: readonly string[],
  ): Promise<string[]> {
    const odd = REFUSED.has(told.status ?? 0)
      ? otherwise(before, after, this.#agreed)
      : restoredBadly(told, step, { before, after }, this.#agreed)
    if (odd !== undefined) return odd
    const faulty = step?.fault !== undefined && told.struck
    if (told.status === 1 && !faulty) return ['a bug']
    const mayFail = faulty || this.#shapes.size === 0 || step?.before !== undefined
    if (told.status === 5 && !mayFail) return ['exit status 5 without a fault']
    return await this.#recover(shape, stage, kinds)
  }

  async #recover(shape: Shape, stage: Stage, kinds: readonly string[]): Promise<string[]> {
    const before = await look(stage.namespace, kinds)
    const told = await stage.run(['recover'], undefined)
    const after = await look(stage.namespace, kinds)
    this.#tell(['recover'], undefined, told)
    const { status, text } = told
    const odd = [...lost(before, after, this.#agreed), ...(status === 1 || status === 2 ? ['a bug'] : [])]
    if (odd.length > 0) return odd
    const number = Number(/^Recovered #(\d+): it is complete/mu.exec(text)?.[1])
    if (!Number.isNaN(number)) {
      this.#shapes.set(number, shape)
      this.#live = shape
      return notRunning(shape, after, this.#byHand)
    }
    const back = this.#shapes.get(Number(/runs #(\d+) again/u.exec(text)?.[1]))
    return back === undefined ? [] : notRunning(back, after, this.#byHand)
  }

  async #other({ command, fault, agrees }: Step, stage: Stage, kinds: readonly string[]): Promise<string[]> {
    const args = command === 'rollback' ? ['rollback', ...TIME] : ['uninstall', '--yes']
    const { before, told, after } = await this.#run(args, { fault, agrees }, stage, kinds)
    const odd = this.#always(told, fault, before, after)
    if (odd.length > 0) return odd
    if (told.status === 0) return command === 'rollback' ? this.#returned(told, after) : this.#uninstalled(after)
    if (REFUSED.has(told.status ?? 0)) return otherwise(before, after, this.#agreed)
    if (told.status === 1 && fault === undefined) return ['a bug']
    return told.status === 4 ? [] : await this.#recover(this.#live, stage, kinds)
  }

  #returned({ text }: Told, after: Seen): string[] {
    const [, target = '', number = ''] = /runs #(\d+) again, as #(\d+)/u.exec(text) ?? []
    const shape = this.#shapes.get(Number(target))
    if (shape === undefined) return []
    this.#byHand = NOTHING
    this.#shapes.set(Number(number), shape)
    this.#live = shape
    return notRunning(shape, after, this.#byHand)
  }

  #uninstalled(after: Seen): string[] {
    const left = Object.keys(after.pods).filter((name) => name !== 'database')
    this.#shapes.clear()
    return left.length === 0 ? [] : [`uninstalled, and pods of ${left.join(', ')} run`]
  }

  /** Wherever it got to: a good deploy reaches its state. */
  async #end(stage: Stage, kinds: readonly string[]): Promise<string[]> {
    const shape = { ...this.#live, version: (this.#version += 1) }
    const reached = this.#reached
    const odd = await this.#deploy(shape, ['deploy', '--overwrite-drift', ...TIME], undefined, true, stage, kinds)
    if (odd.length > 0) return odd
    if (this.#reached === reached) return ['a dead end: a good deploy does not get through']
    const { status, text } = await stage.run(['status'], undefined)
    return status === 0 ? [] : [`forge status ends with ${status}: ${text}`]
  }

  #tell(args: readonly string[], step: Pick<Step, 'fault'> | undefined, { status, text, struck }: Told): void {
    const fault = step?.fault === undefined ? '' : `  under ${JSON.stringify(step.fault)}${struck ? '' : ' (not met)'}`
    this.story.push(`  $ forge ${args.join(' ')}${fault}`, `    → ${status ?? 'killed'}`)
    if (status !== 0)
      this.story.push(
        ...text
          .split('\n')
          .slice(-14)
          .map((line) => `    │ ${line}`),
      )
  }
}

interface WayOn {
  readonly flags: readonly string[]
  readonly claims: readonly string[]
  readonly deletesHook: boolean
}

/** What a refusal itself says is to be done. Undefined: nothing that could be done here. */
function wayOn(text: string): WayOn | undefined {
  const claims = text.match(/(?<=PersistentVolumeClaim\/)[a-z\d-]+|store-database-\d/gu) ?? []
  if (/^ {8}E_HOOK_LEFT$/mu.test(text) && /delete job hook$/mu.test(text))
    return { flags: [], claims: [], deletesHook: true }
  if (/^ {8}E_CONFIRM_NAME$/mu.test(text)) return { flags: ['--confirm', 'test'], claims, deletesHook: false }
  if (!/^ {8}E_DATA_LOSS$/mu.test(text)) return undefined
  const next = /^next .*$/mu.exec(text)?.[0] ?? ''
  return { flags: next.match(/--confirm \S+/gu)?.flatMap((one) => one.split(' ')) ?? [], claims, deletesHook: false }
}

/** Of an end that says that what ran before runs again; undefined: it says no such thing. */
function restoredBadly(
  { status, text }: Told,
  step: Step | undefined,
  { before, after }: { readonly before: Seen; readonly after: Seen },
  agreed: ReadonlySet<string>,
): string[] | undefined {
  const isProven = text.includes('again, proven')
  if (status === 1 && isProven && step?.fault?.kind !== 'disk') return ['a bug']
  if (status !== 4 && !(status === 1 && isProven)) return undefined
  return [...(isProven ? [] : ['exit status 4 without a proof']), ...otherwise(before, after, agreed)]
}
