import { nameOf } from '../../domain/kube.ts'
import type { ForgeError } from '../../errors.ts'
import { againWithout, extended, forge, type Hint } from '../../hint.ts'
import type { PodCommands } from '../../legacy-port.ts'
import type { EvidenceStore } from '../../ports.ts'
import { counted } from '../../screen/counted.ts'
import type { Writing } from '../deploy/carry-out.ts'
import { carryThrough, type DeployEnd } from '../deploy/deploy.ts'
import type { DeployOptions } from '../deploy/options.ts'
import { lookThrough, planThrough, type PlanEnd } from '../deploy/plan.ts'
import type { DeployReport } from '../deploy/report.ts'
import type { Found } from '../phases/phases.ts'
import type { Planned } from '../phases/planned.ts'
import { looking, MIGRATING, writing, type Policy } from '../phases/policy.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { planAgain } from '../plan/saved.ts'
import { saveBackup } from './backup.ts'
import { askAgain, askFirst, type Answers, type PodCheck } from './check.ts'
import { migrating, migrationPhases, migrationPlanPhases, valuesPhases, type ReadSource } from './phases.ts'
import { requireNoFile, type WrittenValues } from './write-values.ts'

const COMMAND = 'migrate-to-helm'

/** The `--json` result. Its fields are public. */
export interface MigrationReport extends DeployReport {
  readonly adopted: readonly string[]
  readonly retired: readonly string[]
  /** The folder that the old stack was saved to. */
  readonly backup: string | null
}

export interface MigrationEnd extends DeployEnd {
  readonly report: MigrationReport
}

/** What is kept of the old stack beforehand, and what is asked in its pods before and after. */
export interface Saving {
  readonly store: EvidenceStore
  readonly checks: readonly PodCheck[]
  readonly pods: PodCommands
}

/**
 * `forge migrate-to-helm`: takes over a stack that kubectl made, in place. It is a deploy, on a release whose first revision is
 * what ran before; so a failure brings that back, and what was interrupted is put right as any deploy is.
 */
export async function migrate(
  ports: DeployPorts,
  options: DeployOptions,
  source: ReadSource,
  { store, checks, pods }: Saving,
): Promise<MigrationEnd> {
  let before: Answers = []
  const planning = migrationPhases(source, options, ports)
  const asking = async (planned: Planned): Promise<Found<Planned>> => {
    before = await askFirst(checks, planned, pods, ports.signal)
    return { value: planned, said: `${counted(checks.length, 'answer')}, to be compared` }
  }
  const phases = checks.length === 0 ? planning : planning.next('check', asking)
  let backup: string | null = null
  const plain = migrating(phases.length)
  const saving: Writing = {
    ...plain,
    write: async (context, writer) => {
      backup = await saveBackup(context, store)
      return await plain.write(context, writer)
    },
    prove: async (context, writer) => [
      // What is retired is not needed for them any more.
      ...(await askAgain(checks, before, context, pods, writer.ports.signal)),
      ...((await plain.prove?.(context, writer)) ?? []),
    ],
  }
  const end = await carryThrough(ports, options, {
    command: COMMAND,
    phases,
    writing: saving,
    policy: policyOf(options),
  })
  const isDone = end.report.outcome === 'deployed'
  const { adopted = [], retired = [] } = end.carried?.migration ?? {}
  const names = { adopted: adopted.map(nameOf), retired: isDone ? retired.map(nameOf) : [] }
  return { ...end, report: { ...end.report, ...names, backup } }
}

/** `--dry-run`: what would become of every object. Nothing is written, with whatever rights there are. */
export async function planMigration(
  ports: DeployPorts,
  options: DeployOptions,
  source: ReadSource,
  out?: string,
): Promise<MigrationPlanEnd> {
  const phases = migrationPlanPhases(source, ports)
  const refused: Hint[] = []
  const onRefusal = (why: ForgeError): void => void refused.push(why.hint)
  const noting = (environment: string): Policy => ({ ...looked(environment), onRefusal })
  const end = await planThrough(ports, options, { command: COMMAND, phases, policy: noting }, out)
  return { ...end, next: refused[0] }
}

export interface MigrationPlanEnd extends PlanEnd {
  /** What helps where the migration itself would be refused. */
  readonly next: Hint | undefined
}

/** The `--json` result of `--write-values`. Its fields are public. */
export interface ValuesReport extends DeployReport {
  readonly values: WrittenValues | null
}

export interface ValuesEnd extends Pick<DeployEnd, 'error'> {
  readonly report: ValuesReport
}

/** `--write-values FILE`: what runs, as values of the chart. Nothing is written in the cluster. */
export async function migrationValues(
  ports: DeployPorts,
  options: DeployOptions,
  source: ReadSource,
  file: string,
): Promise<ValuesEnd> {
  await requireNoFile(file, ports)
  const course = { command: COMMAND, phases: valuesPhases(source, file, ports), policy: looked }
  const { report, error, found } = await lookThrough(ports, options, course, ({ found: values }) =>
    Promise.resolve(values),
  )
  return { report: { ...report, values: found ?? null }, error }
}

/** Where the cluster has moved, a saved plan is to be made anew. */
function policyOf({ saved }: DeployOptions): (environment: string) => Policy {
  if (saved === undefined) return policy
  return (environment) => ({ ...policy(environment), again: planAgain(environment, saved.basis.migration) })
}

function looked(environment: string): Policy {
  return looking(policy(environment))
}

function policy(environment: string): Policy {
  // With what the old stack was made from: without that, nothing of it is retired.
  const same = againWithout(['--dry-run', '--output', '-o', '--full', '--write-values'])
  const show = extended(same, '--dry-run')
  return writing(same, show, ({ name }) => forge(COMMAND, '--env', environment, '--release', name), MIGRATING)
}
