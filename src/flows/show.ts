import type { Project } from '../domain/config/model.ts'
import { showProblem } from '../domain/config/position.ts'
import type { SecretPlan } from '../domain/secrets/model.ts'
import { counted } from '../screen/counted.ts'
import { showJson, showOrigin } from '../domain/values/why.ts'
import type { ApplyReport } from './secrets-apply.ts'
import type { GenerateReport } from './secrets-generate.ts'
import type { ReleaseWhy } from './render.ts'
import type { ValidateReport } from './validate.ts'

export { showProblem }
export { listedRows, madeRows } from '../screen/images.ts'
export { homeRows, type ListedHome } from '../screen/vault.ts'
export { applyRows, diffRows, listRows, pullRows, rotateRows, type ListedSecret } from '../screen/secrets.ts'

export function validateRows({ file, environments }: ValidateReport): string[] {
  const width = Math.max(...environments.map(({ name }) => name.length), 0)
  const rows = environments.flatMap((one) => {
    const facts = [
      `cluster ${one.cluster}`,
      `namespace ${one.namespace}`,
      counted(one.releases.length, 'release'),
      counted(one.configMaps, 'ConfigMap'),
      counted(one.secrets, 'secret'),
      ...(one.protected ? ['protected'] : []),
    ]
    const doubts = [...one.warnings.map((text) => `warning  ${text}`), ...one.notChecked]
    return [`✔ ${one.name.padEnd(width)}  ${facts.join(', ')}`, ...doubts.map((text) => `  ${text}`)]
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
} as const

export function generateRows({ files, notMade, vault = [] }: GenerateReport): string[] {
  // A file that was there before is no news; how many there are is.
  const news = files.flatMap((file) => (file.outcome === 'exists' ? [] : [{ ...file, outcome: file.outcome }]))
  const existing = files.length - news.length
  const rows = news.map(
    ({ file, outcome, copy }) => `${OUTCOMES[outcome]}  ${file}${copy === undefined ? '' : `  (before: ${copy})`}`,
  )
  const inVault = vault.flatMap(({ path, made: keys, version }) =>
    keys.length === 0 ? [] : [`${OUTCOMES.made}  ${keys.join(', ')} at ${path} in Vault, version ${version}`],
  )
  const made = files.filter(({ outcome }) => outcome === 'made' || outcome === 'replaced').length
  const keys = vault.flatMap((one) => one.made).length
  const there = existing === 0 ? '' : `${counted(existing, 'file')} ${existing === 1 ? 'exists' : 'exist'} already.`
  const sums = [
    ...(made === 0 ? [] : [counted(made, 'file')]),
    ...(keys === 0 ? [] : [`${counted(keys, 'key')} in Vault`]),
  ]
  const last = [sums.length === 0 ? 'Nothing to make.' : `Made ${sums.join(', ')}.`, there].join(' ').trimEnd()
  return [...rows, ...inVault, ...notMade.map(({ secret, what }) => `! not made   secret ${secret}: ${what}`), last]
}

/** What `--json` shows: the plan without the manifest, which holds the values. */
export interface ApplyDocument extends Omit<ApplyReport, 'secrets' | 'warnings'> {
  readonly secrets: readonly Omit<SecretPlan, 'object'>[]
  readonly warnings: readonly string[]
}

export function applyDocument({ secrets, warnings, ...report }: ApplyReport): ApplyDocument {
  const shown = secrets.map(({ object: _, ...plan }) => plan)
  return { ...report, secrets: shown, warnings: warnings.map(showProblem) }
}
