import { choiceOf } from '../../domain/config/select.ts'
import { placedName, refOf } from '../../domain/kube.ts'
import { canonical, digestOf, isEqual } from '../../domain/canonical.ts'
import { movedObjects, type Precondition } from '../../domain/plan/precondition.ts'
import type { LegacyChoice, PlanBasis, SavedPlan, SavedRelease } from '../../domain/plan/saved.ts'
import type { Rendered } from '../../domain/manifest/parse.ts'
import { boundRows } from '../../domain/migrate/model.ts'
import { forge, type Hint } from '../../hint.ts'
import { refuse, type Check, type Finding } from '../phases/findings.ts'
import type { Foreseen, Planned, ReleasePlan } from '../phases/planned.ts'
import { preconditionsOf } from './stale-check.ts'
import { stale } from '../observe/stale.ts'

/** What must be the same when the plan is carried out; computed alike when it is saved and when it is checked. */
export async function basisOf(
  context: Foreseen & Pick<Planned, 'migration'>,
  planned: Pick<PlanBasis, 'unkeyed'> = {},
): Promise<PlanBasis> {
  const { project, images, imageNotes, releases, secretPlans } = context
  const unbuilt = imageNotes.flatMap(({ name, builds }) => (builds === true ? [name] : []))
  const unkeyed = planned.unkeyed === true || (await context.hashKey.asked)?.fresh === true
  return {
    ...project.overrides,
    ...choiceOf(context.options),
    images: Object.fromEntries(images),
    ...(unbuilt.length === 0 ? {} : { unbuilt }),
    drift: driftOf(context),
    ...(context.options.adopt === true ? { adopt: true } : {}),
    ...(context.migration === undefined
      ? {}
      : { migration: { ...context.options.legacy, objects: boundRows(context.migration) } }),
    releases: await Promise.all(releases.map(async (work) => await savedRelease(work, unkeyed))),
    ...(unkeyed ? { unkeyed } : {}),
    secrets: secretPlans.map(({ name, action, changedKeys, revision }) => ({
      name,
      action,
      keys: changedKeys,
      revision,
    })),
    preconditions: await hashed(preconditionsOf(context)),
  }
}

function driftOf({ project }: Foreseen): PlanBasis['drift'] {
  const { policy, preserve } = project.environment.drift
  return {
    policy,
    preserve: preserve.map(({ kind, name, field }) => `${kind}/${name}:${field}`),
  }
}

async function hashed(preconditions: readonly Precondition[]): Promise<Precondition<string>[]> {
  return await Promise.all(
    preconditions.map(async (one) => {
      const text = typeof one.state === 'string' ? one.state : canonical(one.state)
      return { ...one, state: one.ref.kind === 'Secret' ? text : await digestOf(text) }
    }),
  )
}

async function savedRelease(
  { release, history, way, rendered, frozen }: ReleasePlan,
  unkeyed: boolean,
): Promise<SavedRelease> {
  const [latest] = history
  return {
    name: release.name,
    latest: latest === undefined ? undefined : `${latest.revision} ${latest.status}`,
    way,
    objects: await Promise.all(
      rendered.map(async (one) => ({
        object: placedName(refOf(one.object), release.namespace),
        digest: await digestOf(unkeyed ? withoutKeyed(canonical(withoutValues(one))) : canonical(withoutValues(one))),
      })),
    ),
    frozen,
  }
}

/** A Secret's values go into no file, not even hashed: a short password could be guessed from its hash. */
function withoutValues({ object }: Rendered): unknown {
  if (object.kind !== 'Secret') return object
  const { data, stringData, ...rest } = object
  return { ...rest, keys: [...Object.keys(data ?? {}), ...Object.keys(stringData ?? {})] }
}

/** Made with a key that the cluster did not have yet when the plan was made: every run makes another one. */
function withoutKeyed(text: string): string {
  return text.replaceAll(/("forge\.api-forge\.io\/secret-[^"]+"):"h-[0-9a-f]+"/gu, '$1:"h-"')
}

/** `--plan FILE`: the render and the cluster must be those of the plan. E_PLAN_FILE, E_PLAN_RENDER, E_PLAN_STALE. */
export function checkSaved(saved: SavedPlan): Check<Foreseen> {
  return async (known) => await differences(saved, known)
}

/** What makes such a plan anew. */
export function planAgain(environment: string, migration: LegacyChoice | undefined): Hint {
  const out = ['--out', 'p.json']
  if (migration === undefined) return forge('plan', '--env', environment, ...out)
  const { from, 'from-live': live } = migration
  const source = from === undefined ? (live === undefined ? [] : ['--from-live', live]) : ['--from', from]
  return forge('migrate-to-helm', '--env', environment, ...source, '--dry-run', ...out)
}

async function differences(saved: SavedPlan, known: Foreseen): Promise<readonly Finding[]> {
  const { name, environment } = known.project
  const hint = planAgain(environment.name, saved.basis.migration)
  if (saved.project !== name || saved.namespace !== environment.namespace) {
    const own = `the plan is for ${saved.project} in namespace ${saved.namespace}`
    return [refuse('E_PLAN_FILE', `${own}, not for ${name} in ${environment.namespace}`, { hint, where: '--plan' })]
  }
  const now = await basisOf(known, saved.basis)
  const differing = renderedOtherwise(saved.basis, now)
  const [first] = differing
  if (first !== undefined) {
    const message = `the project does not render what was planned: ${differing.slice(0, 5).join(', ')}`
    const problems = differing.map((one) => ({ message: one }))
    return [refuse('E_PLAN_RENDER', message, { hint, where: first, problems })]
  }
  const releases = saved.basis.releases.flatMap(({ name: release, latest, way }, at) => {
    const found = now.releases[at]
    return found?.latest === latest && found?.way === way ? [] : [`release ${release}`]
  })
  const secrets = saved.basis.secrets
    .filter((one, at) => !isEqual(one, now.secrets[at]))
    .map((one) => `Secret/${one.name}`)
  const moved = [...releases, ...movedObjects(saved.basis.preconditions, now.preconditions), ...secrets]
  return moved.length > 0 ? [{ kind: 'refuse', error: stale(moved, known) }] : []
}

function renderedOtherwise(planned: PlanBasis, now: PlanBasis): string[] {
  if (!isEqual(planned.drift, now.drift)) return ['the drift policy of the environment']
  if (planned.releases.length !== now.releases.length) return ['the releases of forge.yaml']
  return planned.releases.flatMap(({ name, objects }, at) => {
    const found = now.releases[at]
    if (found?.name !== name) return [`release ${name}`]
    const before = new Map(objects.map((one) => [one.object, one.digest]))
    const after = new Map(found.objects.map((one) => [one.object, one.digest]))
    return [...new Set([...before.keys(), ...after.keys()])].filter(
      (object) => before.get(object) !== after.get(object),
    )
  })
}
