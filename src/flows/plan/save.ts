import { releaseNames } from '../../domain/config/select.ts'
import { showValuePath } from '../../domain/config/value-path.ts'
import { keyOf, type KubeObject } from '../../domain/kube.ts'
import { secretTexts } from '../../domain/manifest/secret-texts.ts'
import type { PlanDocument } from '../../domain/plan/document.ts'
import { parseSavedPlan, savedText, type PlanBasis, type SavedPlan } from '../../domain/plan/saved.ts'
import { Redactor } from '../../domain/redact/redactor.ts'
import { looksSecret } from '../../domain/transforms/secret-like.ts'
import { givenTexts } from '../../domain/values/given-texts.ts'
import { settingsOf } from '../../domain/values/settings.ts'
import { agoOf } from '../../screen/ago.ts'
import { ForgeError } from '../../errors.ts'
import { forge, sequence } from '../../hint.ts'
import type { Planned, ReleasePlan } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { basisOf, planAgain } from './saved.ts'

/** Only its owner may read a plan: it names everything that runs. */
const MODE = 0o600

/** Writes the plan with what it rests on. Throws E_PLAN_UNSAVABLE where that would put a secret value into the file. */
export async function savePlan(
  file: string,
  plan: PlanDocument,
  context: Planned,
  { project: { files }, redactor }: DeployPorts,
): Promise<void> {
  refuseSecretOptions(context, redactor)
  const releases = context.releases.map((work) => {
    const secret = work.volatile.find(({ object }) => object.startsWith('Secret/'))?.object
    if (secret !== undefined) {
      const why = 'renders differently each time, and a plan holds no secret value'
      throw unsavable(`${secret} ${why}`, work.release.chart.from ?? work.release.chart.chart, context)
    }
    return work.volatile.length > 0 ? { ...work, frozen: freezable(work, context) } : work
  })
  const basis = await basisOf({ ...context, releases })
  if (holdsSecret(basis, redactor)) throw revealing('what the plan rests on', context)
  const shown = redactor.json(withoutChartSecrets(plan, context))
  await files.write(file, savedText(shown, basis), MODE)
}

/** Names and forge's own words (`apply`, `refuse`) may be somebody's password by chance; what a chart renders is anything. */
function holdsSecret(basis: PlanBasis, redactor: Redactor): boolean {
  if (redactor.reveals(JSON.stringify(basis))) return true
  return basis.releases.some(({ frozen = '' }) => redactor.finds(frozen))
}

/** `--set` and its kin are kept as they were typed, so that the deploy renders the same: a secret in it would be readable in the file. */
function refuseSecretOptions(context: Planned, redactor: Redactor): void {
  const inSecrets = chartSecrets(context)
  const releases = releaseNames(context.project)
  for (const setting of settingsOf(context.project.overrides)) {
    // What a file holds stays out of the plan: it is read again.
    if (setting.flag === '--set-file') continue
    for (const { path, text } of givenTexts(setting, releases)) {
      const known = redactor.text(text) !== text || inSecrets.some((one) => one === text)
      const why = known ? 'it is the value of a secret' : looksSecret(String(path.at(-1) ?? ''), text)
      if (why !== undefined) throw revealing(`${setting.flag} ${showValuePath(path)}`, context, why)
    }
  }
}

/** Short texts are in every manifest; masking or refusing them would say nothing. */
const SHORTEST = 6

/** The values of the Secrets that the charts render, and of those that are live, as text. */
function chartSecrets({ releases, live }: Planned): string[] {
  const secrets = releases
    .flatMap(({ rendered }) => rendered.map(({ object }) => object))
    .filter(({ kind }) => kind === 'Secret')
    .flatMap((object) => [object, ...(live.has(keyOf(object)) ? [live.get(keyOf(object)) as KubeObject] : [])])
  return secrets.flatMap(secretTexts).filter((text) => text.length >= SHORTEST)
}

/** A chart may write its Secret's value somewhere else too, where the plan would show it. */
function withoutChartSecrets(plan: PlanDocument, context: Planned): PlanDocument {
  const local = new Redactor()
  for (const text of chartSecrets(context)) local.add(text)
  const objects = plan.objects.map((one) => ({
    ...one,
    changes: local.json(one.changes),
    drift: local.json(one.drift),
  }))
  return { ...plan, objects }
}

function revealing(what: string, context: Planned, why = 'it holds the value of a secret'): ForgeError {
  return unsavable(`${what} cannot be saved (${why}): a plan holds no secret value`, what, context)
}

function unsavable(message: string, where: string, { project }: Planned): ForgeError {
  return new ForgeError('E_PLAN_UNSAVABLE', message, {
    hint: forge('deploy', '--env', project.environment.name),
    where,
  })
}

/** The frozen manifest goes into the file as it is, so it must hold no Secret at all. */
function freezable({ manifest, rendered, release: { name } }: ReleasePlan, context: Planned): string {
  if (!rendered.some(({ object, hook }) => object.kind === 'Secret' && hook === undefined)) return manifest
  const why = 'renders differently each time and has a Secret; its frozen render would put that into the file'
  throw unsavable(`release ${name} ${why}`, `release ${name}`, context)
}

/** Reads `--plan FILE`. Throws E_PLAN_FILE or E_PLAN_EXPIRED. `maxAgeMs` since it was made, by the wall clock. */
export async function loadPlan(
  file: string,
  maxAgeMs: number,
  { project: { files }, clock }: Pick<DeployPorts, 'project' | 'clock'>,
): Promise<SavedPlan> {
  const text = await files.read(file)
  const parsed = text === undefined ? ({ fault: 'syntax', message: 'is missing' } as const) : parseSavedPlan(text)
  if ('fault' in parsed)
    throw new ForgeError('E_PLAN_FILE', `${file} ${parsed.message}`, {
      hint: forge('plan', '--out', 'p.json'),
      where: file,
    })
  const age = clock.now() - Date.parse(parsed.plan.createdAt)
  if (age <= maxAgeMs) return parsed.plan
  throw new ForgeError('E_PLAN_EXPIRED', `the plan was made ${agoOf(age)}, which is longer than it may be kept`, {
    hint: planAgain(parsed.plan.environment, parsed.plan.basis.migration),
    where: file,
  })
}

const DAY_MS = 24 * 60 * 60_000

/** The plan of `--plan`, if that was given, for the environment of `--env`, if that was given too. */
export async function plannedIn(
  file: string | undefined,
  maxAgeMs: number | undefined,
  env: string | undefined,
  ports: Pick<DeployPorts, 'project' | 'clock'>,
  command: 'deploy' | 'migrate-to-helm' = 'deploy',
): Promise<SavedPlan | undefined> {
  if (file === undefined) return undefined
  const saved = await loadPlan(file, maxAgeMs ?? DAY_MS, ports)
  const own = saved.basis.migration === undefined ? 'deploy' : 'migrate-to-helm'
  if (own !== command)
    throw new ForgeError('E_PLAN_FILE', `the plan is one of forge ${own}, not of forge ${command}`, {
      hint: forge(own, '--plan', file),
      where: '--plan',
    })
  if (env === undefined || env === saved.environment) return complete(saved)
  throw new ForgeError('E_PLAN_FILE', `the plan is for environment ${saved.environment}, not for ${env}`, {
    hint: forge(command, '--plan', file),
    where: '--env',
  })
}

/** It builds nothing, and what runs of such an image is not what was to be deployed. */
function complete(saved: SavedPlan): SavedPlan {
  const { environment, basis } = saved
  const { unbuilt = [] } = basis
  if (unbuilt.length === 0) return saved
  const message = `the plan was made before ${unbuilt.join(', ')} was built, and a saved plan builds nothing: it has the image that ran then`
  const only = unbuilt.flatMap((name) => ['--only', name])
  const hint = sequence(forge('images', 'push', '--env', environment, ...only), planAgain(environment, basis.migration))
  throw new ForgeError('E_PLAN_UNBUILT', message, { hint, where: '--plan' })
}
