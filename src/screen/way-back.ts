import { forge, kubectl, sequence, type Hint } from '../hint.ts'
import { resourceName, type KubeObject } from '../domain/kube.ts'
import { toldLeaving } from '../domain/leaving.ts'
import type { BackEnd, CutOff, LeftDefinition, NotTakenBack, Ran, WentBack } from '../domain/restore/model.ts'
import { counted } from './counted.ts'

/** Where it happened. `live`: the deploy that ran before. */
export interface BackScene {
  readonly environment: string
  readonly namespace: string
  readonly live: number | undefined
}

export interface BackWords {
  /** Of the row `now`. */
  readonly now: string
  /** What the step says in the end. */
  readonly detail: string
  /** The one safe command, where it is not the usual one. */
  readonly hint?: Hint
}

/** Of an automatic rollback, or of none. */
export function backWords({ back, definitions }: BackEnd, scene: BackScene): BackWords {
  const words = isCutOff(back) ? { now: cutOffText(back), detail: '' } : wentBackWords(back, scene)
  return { ...words, now: [words.now, ...definitionTexts(definitions)].join('; ') }
}

function wentBackWords(back: WentBack, { environment, namespace, live }: BackScene): BackWords {
  const env = ['--env', environment]
  const [number, named] = live === undefined ? [[], '#?'] : [[String(live)], `#${live}`]
  switch (back.kind) {
    case 'restored':
      return {
        now: [`${environment} runs ${ranText(back.ran)} again, proven`, ...back.retained.map(retainedText)].join('; '),
        detail: restoredDetail(back).join(', '),
      }
    case 'differs': {
      const detail = `not as before: ${[...back.objects, ...back.fresh.map((name) => `release ${name} (new, stays)`)].join(', ')}`
      return { now: `rolled back to ${ranText(back.ran)} and ready, but ${detail}`, detail }
    }
    case 'leaving': {
      const names = back.objects.map(toldLeaving).join(', ')
      const hint = sequence(...back.objects.map(untilGone), forge('rollback', ...number, ...env))
      return { now: `rolled back and ready, but ${names}`, detail: `not as before: ${names}`, hint }
    }
    case 'not-ready':
      return { now: `rolled back, but not ready: ${back.why}`, detail: `rolled back, not ready: ${back.why}` }
    case 'first-install':
      return {
        now: `${back.releases.join(', ')} was never deployed before, so there is nothing to return to: what was made stays, with its evidence, until the next deploy takes it up${overwrittenText(back)}`,
        detail: 'nothing to return to: the first install stays',
      }
    case 'refusing': {
      const why = `${back.keys.join(', ')} may not go back`
      return {
        now: `${why} (rollback: refuse): nothing was rolled back, what was deployed stays as it is until mended code is deployed`,
        detail: `not done: ${why}`,
        hint: forge('deploy', ...env),
      }
    }
    case 'data-loss':
      return {
        now: `${back.losses.join('; ')}: nothing was rolled back, what was deployed stays as it is`,
        detail: 'not done: it would delete data',
        hint: forge('rollback', ...number, ...env, '--dry-run'),
      }
    case 'job-runs':
      return {
        now: `${stillRuns(back.jobs)}: nothing was rolled back`,
        detail: `not done: ${back.jobs.join(', ')} still runs`,
        hint: waitThen(back.jobs, namespace, forge('rollback', ...env)),
      }
    case 'schema':
      return {
        now: `the schema of ${back.release} is at ${back.version} and ${named} cannot read it (E_SCHEMA_GATE): nothing was rolled back, the new release stays as it is until mended code that reads schema ${back.version} is deployed${savedText(back.saved)}`,
        detail: `not done: ${named} cannot read schema ${back.version}`,
        hint: forge('deploy', ...env),
      }
  }
}

function savedText(saved: readonly string[] = []): string {
  return saved.length === 0 ? '' : `; what was before it is in backup ${saved.join(', ')}`
}

function isCutOff(back: BackEnd['back']): back is CutOff {
  return CUT_OFF.has(back.kind)
}

const CUT_OFF = new Set<string>([
  ...(['broke-off', 'left', 'not-begun', 'leaving-helm', 'lock-lost', 'not-asked'] satisfies CutOff['kind'][]),
])

function cutOffText(back: CutOff): string {
  switch (back.kind) {
    case 'broke-off':
      return `the rollback failed: ${back.why}${back.file === undefined ? '' : ` (${back.file})`}`
    case 'left':
      return 'a second signal ended the rollback: everything stays as it is, and forge recover goes on with it'
    case 'not-begun':
      return 'everything stays as it is; the next deploy, or forge recover, puts it right first'
    case 'leaving-helm':
      return "what ran before Helm runs again, and not all of Helm's marks are off it yet"
    case 'lock-lost':
      return 'the lock was lost, so nothing more was touched'
    case 'not-asked':
      return `--no-rollback: ${back.ran === undefined ? 'what was deployed stays as it is' : `helm had changed no object yet, and ${ranText(back.ran)} runs`}`
  }
}

/** `#41`; where no one deploy made them, helm's revisions. */
export function ranText({ deploy, revisions, isLegacy }: Ran): string {
  if (isLegacy === true) return 'what ran before Helm'
  if (deploy !== undefined) return `#${deploy}`
  const each = revisions.map(({ release, revision }) => `${release} revision ${revision}`)
  return each.length === 0 ? 'what it ran before' : each.join(', ')
}

/** Of Jobs whose time is up: why nothing goes back. */
export function stillRuns(jobs: readonly string[]): string {
  return `${jobs.join(', ')} still runs past its deadline, and a migration is not cut off in its middle`
}

/** The one safe command: wait for the Job as long as it takes, `then` go back. */
export function waitThen(jobs: readonly string[], namespace: string, then: Hint): Hint {
  const [first = 'job'] = jobs
  return sequence(kubectl(['wait', first.toLowerCase(), '--for=condition=complete', '--timeout=1h'], namespace), then)
}

function restoredDetail({ revisions, retained, missing, hooks }: Extract<WentBack, { kind: 'restored' }>): string[] {
  return [
    ...revisions.map(({ release, made, as }) => `${release} revision ${made ?? '?'} (as ${as})`),
    'secrets as they were',
    ...retained.map(retainedText),
    ...(missing.length === 0 ? [] : [`not there before, nor now: ${missing.join(', ')}`]),
    ...(hooks.length === 0 ? [] : [`${counted(hooks.length, 'hook stays', 'hooks stay')}: ${hooks.join(', ')}`]),
  ]
}

function retainedText(set: string): string {
  return `the claims of ${set} stay (whenScaled: Retain, until the next deploy)`
}

function overwrittenText({ overwritten: names, refusing }: Extract<WentBack, { kind: 'first-install' }>): string {
  if (refusing.length > 0) return `; ${refusing.join(', ')} may not go back (rollback: refuse)`
  if (names.length === 0) return ''
  return `; ${names.join(', ')} ${names.length === 1 ? 'holds' : 'hold'} again what was there before`
}

function definitionTexts(definitions: readonly LeftDefinition[]): string[] {
  const kept = definitions.filter(({ how }) => how === 'kept').map(({ name }) => name)
  return [
    ...definitions.flatMap((one) => {
      if (one.how === 'made') return [`${one.name}, which this deploy made, stays`]
      return one.how === 'stuck' ? [`${one.name} stays as this deploy made it: ${notTakenBack(one.why)}`] : []
    }),
    ...(kept.length === 0
      ? []
      : [`${kept.join(', ')} of crds/ ${kept.length === 1 ? 'stays' : 'stay'} as this deploy made it`]),
  ]
}

function notTakenBack(why: NotTakenBack): string {
  if (why.kind === 'refused') return why.message
  return why.kind === 'gone' ? 'it is gone' : 'somebody else keeps writing it'
}

function untilGone(object: KubeObject): Hint {
  const { name, namespace } = object.metadata
  return kubectl(['wait', '--for=delete', `${resourceName(object)}/${name}`, '--timeout=10m'], namespace)
}
