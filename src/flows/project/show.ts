import type { Project } from '../../domain/config/model.ts'
import { showProblem } from '../../domain/config/position.ts'
import type { SecretPlan } from '../../domain/secrets/model.ts'
import { counted } from '../../domain/screen/counted.ts'
import { showJson, showOrigin } from '../../domain/values/why.ts'
import type { ApplyReport } from '../secrets-apply.ts'
import type { GenerateReport } from '../secrets-generate.ts'
import type { ReleaseWhy } from '../render.ts'
import type { ValidateReport } from '../validate.ts'

export { showProblem }

export function validateRows({ file, environments }: ValidateReport): string[] {
  const width = Math.max(...environments.map(({ name }) => name.length), 0)
  const rows = environments.map((one) => {
    const facts = [
      `cluster ${one.cluster}`,
      `namespace ${one.namespace}`,
      counted(one.releases.length, 'release'),
      counted(one.configMaps, 'ConfigMap'),
      counted(one.secrets, 'secret'),
      ...(one.protected ? ['protected'] : []),
    ]
    return `✔ ${one.name.padEnd(width)}  ${facts.join(', ')}`
  })
  return [...rows, `${file} is valid.`]
}

/** The winner, and below it what it overrode. */
export function whyRows(found: readonly ReleaseWhy[], project: Project): string[] {
  const several = project.releases.length > 1
  return found.flatMap(({ release, path, won, overrode }) => [
    `${several ? `${release}:` : ''}${path} = ${showJson(won.value)}`,
    `  from      ${showOrigin(won.origin)}`,
    ...overrode.map(({ origin, value }) => `  overrides ${showOrigin(origin)}  ${showJson(value)}`),
  ])
}

const OUTCOMES = {
  made: '+ made      ',
  replaced: '~ replaced  ',
  'in-cluster': '- in cluster',
} as const

export function generateRows({ files, notMade }: GenerateReport): string[] {
  // A file that was there before is no news; how many there are is.
  const news = files.flatMap((file) => (file.outcome === 'exists' ? [] : [{ ...file, outcome: file.outcome }]))
  const existing = files.length - news.length
  const rows = news.map(
    ({ file, outcome, copy }) => `${OUTCOMES[outcome]}  ${file}${copy === undefined ? '' : `  (before: ${copy})`}`,
  )
  const made = files.filter(({ outcome }) => outcome === 'made' || outcome === 'replaced').length
  const there = existing === 0 ? '' : `${counted(existing, 'file')} ${existing === 1 ? 'exists' : 'exist'} already.`
  const last = [made === 0 ? 'Nothing to make.' : `Made ${counted(made, 'file')}.`, there].join(' ').trimEnd()
  return [...rows, ...notMade.map(({ secret, what }) => `! not made   secret ${secret}: ${what}`), last]
}

/** Keys by name only. */
export function applyRows({ secrets, dryRun, environment, namespace }: ApplyReport): string[] {
  const width = Math.max(...secrets.map(({ name }) => name.length), 0)
  const rows = secrets.map((plan) => `${SIGNS[plan.action]} ${plan.name.padEnd(width)}  ${applyFacts(plan).join(', ')}`)
  const writes = secrets.filter(({ object }) => object !== undefined).length
  const where = `${environment} (namespace ${namespace})`
  if (writes === 0) return [...rows, `Nothing to write to ${where}.`]
  return [
    ...rows,
    dryRun
      ? `${counted(writes, 'secret')} would be written to ${where}. Nothing was written.`
      : `Wrote ${counted(writes, 'secret')} to ${where}.`,
  ]
}

const SIGNS: Readonly<Record<SecretPlan['action'], string>> = { create: '+', change: '~', unchanged: '=', keep: '=' }

function applyFacts({ action, keys, revision, revisionBefore }: SecretPlan): string[] {
  const named = (change: string): string =>
    keys
      .filter((key) => key.change === change)
      .map(({ key }) => key)
      .join(', ')
  const facts = (['added', 'changed', 'kept', 'unmanaged'] as const).flatMap((change) => {
    const names = named(change)
    if (names === '') return []
    const words = { added: 'adds', changed: 'changes', kept: 'keeps', unmanaged: 'leaves alone' } as const
    return [`${words[change]} ${names}`]
  })
  const number =
    revisionBefore === undefined || revisionBefore === revision ? `r${revision}` : `r${revisionBefore} → r${revision}`
  return [...(action === 'unchanged' ? ['unchanged'] : []), ...facts, number]
}

/** What `--json` shows: the plan without the manifest, which holds the values. */
export interface ApplyDocument {
  readonly environment: string
  readonly namespace: string
  readonly dryRun: boolean
  readonly secrets: readonly Omit<SecretPlan, 'object'>[]
  readonly warnings: readonly string[]
}

export function applyDocument({ environment, namespace, dryRun, secrets, warnings }: ApplyReport): ApplyDocument {
  const shown = secrets.map(({ object: _, ...plan }) => plan)
  return { environment, namespace, dryRun, secrets: shown, warnings: warnings.map(showProblem) }
}
