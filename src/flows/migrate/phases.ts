import { boundRows } from '../../domain/migrate/model.ts'
import type { SourceObject } from '../../domain/migrate/source.ts'
import type { SavedPlan } from '../../domain/plan/saved.ts'
import { counted } from '../../screen/counted.ts'
import { upgrading, type Writing } from '../deploy/carry-out.ts'
import type { DeployOptions } from '../deploy/options.ts'
import { configuredToLook, configuredToWrite, type Observing } from '../deploy/phases.ts'
import { observeRequired } from '../observe/requirements.ts'
import { stale } from '../observe/stale.ts'
import type { Observed } from '../phases/observed.ts'
import type { Opened } from '../phases/opened.ts'
import type { Found, Phases } from '../phases/phases.ts'
import type { Planned } from '../phases/planned.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { BEFORE_DEPLOY, beforeSaved, type DeployChecks } from '../plan/check-list.ts'
import { checkSaved } from '../plan/saved.ts'
import { waitForLeaving } from '../plan/leaving.ts'
import { planDeploy, type Preview } from '../plan/plan-deploy.ts'
import type { StepReport } from '../step.ts'
import { upgradeReleases } from '../apply/upgrade.ts'
import { adopt } from './adoption.ts'
import { asOwn, checkLegacy, withAdopted } from './adopt.ts'
import { finishMigration } from './finish.ts'
import { observeLegacy } from './observe.ts'
import { asItIs, checkObstacles, planMigration } from './plan.ts'
import { writeValues, type WithValues } from './write-values.ts'

/** What the old stack was made from; undefined: only what the charts render and is live counts. */
export type ReadSource = (observed: Observed) => Promise<readonly SourceObject[]>

const BEFORE_MIGRATION: DeployChecks = {
  ...BEFORE_DEPLOY,
  rendered: [checkLegacy, ...BEFORE_DEPLOY.rendered],
  // Before drift, which is refused last.
  foreseen: BEFORE_DEPLOY.foreseen.toSpliced(-1, 0, checkObstacles),
}

/** As a deploy: steps 1 to 5, on what ran before helm. */
export function migrationPhases(
  source: ReadSource,
  options: DeployOptions,
  ports: DeployPorts,
): Phases<Opened, Planned> {
  const { saved } = options
  return configuredToWrite(observing(source, ports), options, ports).next('preview', async (configured, report) => {
    const found = await migrationOf(await planDeploy(configured, previewOf(ports, report, saved), ports), ports)
    if (saved !== undefined) requireSameMigration(saved, found.value)
    return found
  })
}

/** `--plan FILE`: of each object becomes what was planned. Throws E_PLAN_STALE. */
function requireSameMigration({ basis }: SavedPlan, planned: Planned): void {
  const [then, now] = [
    basis.migration?.objects ?? [],
    planned.migration === undefined ? [] : boundRows(planned.migration),
  ]
  const moved = [...then.filter((one) => !now.includes(one)), ...now.filter((one) => !then.includes(one))]
  if (moved.length > 0) throw stale(moved, planned)
}

/** `--dry-run`: nothing is built or waited for, and what may not be read is noted. */
export function migrationPlanPhases(source: ReadSource, ports: DeployPorts): Phases<Opened, Planned> {
  return configuredToLook(observing(source, ports), ports).next('preview', async (configured) => {
    return await migrationOf(await planDeploy(configured, previewOf(ports), ports), ports)
  })
}

/** `--write-values`: the same, up to the values. */
export function valuesPhases(source: ReadSource, file: string, ports: DeployPorts): Phases<Opened, WithValues> {
  return configuredToLook(observing(source, ports), ports).next('values', async (configured, report) => {
    return await writeValues(configured, file, ports, report)
  })
}

/** Without a `report` nothing is waited for. */
function previewOf(ports: DeployPorts, report?: StepReport, saved?: SavedPlan): Preview {
  const leaving = report === undefined ? undefined : waitForLeaving(ports, report)
  return {
    manner: {
      freezes: report !== undefined,
      twice: report === undefined,
      given: new Map(saved?.basis.releases.map(({ name, frozen }) => [name, frozen])),
    },
    checks: saved === undefined ? BEFORE_MIGRATION : beforeSavedMigration(saved),
    rendered: async (rendering) => await withAdopted(rendering, ports),
    settled: async (found) => asOwn((await leaving?.(found)) ?? found),
  }
}

/** What a plan rests on is how things are, not what they are compared as. */
function beforeSavedMigration(saved: SavedPlan): DeployChecks {
  const same = checkSaved(saved)
  return beforeSaved(saved, BEFORE_MIGRATION, async (known, ports) => await same(asItIs(known), ports))
}

/** The old stack beside what a deploy looks at. */
function observing(source: ReadSource, ports: DeployPorts): Observing {
  return async (opened) => {
    const { value, said } = await observeRequired(opened, ports)
    const stated = await source(value)
    const observed = await observeLegacy(value, stated, ports)
    const from = stated.length === 0 ? [] : [`${counted(stated.length, 'object')} in the old source`]
    return { value: observed, said: [said, ...from].join(', ') }
  }
}

async function migrationOf({ value, said }: Found<Planned>, ports: DeployPorts): Promise<Found<Planned>> {
  const planned = await planMigration(value, ports)
  const { adopted = [], retired = [] } = planned.migration ?? {}
  const going = retired.length === 0 ? [] : [`${retired.length} to retire`]
  return { value: planned, said: [`${counted(adopted.length, 'object')} to adopt`, ...going, said].join(', ') }
}

/** Step 6 takes over what runs before helm is run; after the last stage what only the old stack had is retired. */
export function migrating(reading: number): Writing {
  return {
    ...upgrading(reading),
    write: async (context, writer) => {
      const count = await adopt(context, writer)
      const { wrote } = await upgradeReleases(context, writer)
      return { wrote: [...(count === 0 ? [] : [{ what: 'adopted', count } as const]), ...wrote] }
    },
    prove: finishMigration,
  }
}
