import type { BackupMade, BackupSource } from '../domain/backup/model.ts'
import { sourceName } from '../domain/backup/model.ts'
import { isAlone } from '../domain/backup/objects.ts'
import type { BackupSpec } from '../domain/config/backup.ts'
import type { Project } from '../domain/config/model.ts'
import { nearest, suggestion } from '../domain/config/nearest.ts'
import { nameOf } from '../domain/kube.ts'
import { stateScope } from '../domain/state-scope.ts'
import { ForgeError } from '../errors.ts'
import { again, forge, kubectl } from '../hint.ts'
import { madeText } from '../screen/backup.ts'
import { verdictReport, type VerdictReport } from './verdict-report.ts'
import { findSource } from './plan/backup-source.ts'
import { readRuns } from './plan/backup-standing.ts'
import type { Connection, DeployPorts } from './phases/ports.ts'
import { loadProject } from './project/load.ts'
import { outcomeOf, refusal } from './refusal.ts'
import { begun } from './run-events.ts'
import { requireIdentity } from './state/identity.ts'
import { acquireLease, type HeldLease } from './state/lease.ts'
import { runSteps, step } from './step.ts'
import { makeSure } from './backup/make.ts'

export interface BackupOptions {
  readonly dir: string | undefined
  readonly env: string | undefined
  /** Of `backups`; none: all. */
  readonly names: readonly string[]
  readonly yes: boolean
  readonly dryRun: boolean
}

/** The `--json` result of `forge backup`. Its fields are public. */
export interface BackupReport {
  readonly apiVersion: 'forge/v1'
  readonly command: 'backup'
  readonly outcome: 'backed-up' | 'planned' | 'refused' | 'failed' | 'interrupted'
  readonly project: string
  readonly environment: string
  readonly namespace: string
  /** What would be made, or was to be. */
  readonly wanted: readonly { readonly name: string; readonly from: string }[]
  readonly backups: readonly BackupMade[]
  readonly verdict: VerdictReport | null
}

export interface BackupEnd {
  readonly report: BackupReport
  readonly error: ForgeError | undefined
}

interface Scene {
  readonly project: Project
  readonly cluster: Connection
  readonly ports: DeployPorts
  readonly sources: readonly BackupSource[]
}

/**
 * `forge backup`: all backups of forge.yaml, or those that are named, now and whatever their age. Under the lock, so that none is
 * made beside a deploy; nothing of a release is written, so the journal has no entry of it.
 */
export async function backUp(
  ports: DeployPorts,
  options: BackupOptions,
  show: (report: BackupReport) => readonly string[],
): Promise<BackupEnd> {
  const project = await loadProject(ports.project, options)
  const { environment } = project
  const specs = chosen(project, options.names)
  ports.events.tell(begun('backup', project.name, environment))
  const made: BackupMade[] = []
  const end = (outcome: BackupReport['outcome'], error?: ForgeError): BackupEnd => ({
    report: {
      ...{ apiVersion: 'forge/v1', command: 'backup', outcome, project: project.name },
      ...{ environment: environment.name, namespace: environment.namespace },
      wanted: specs.map((spec) => ({ name: spec.name, from: sourceName(spec) })),
      backups: made,
      verdict: error === undefined ? null : verdictReport(error, ports.here),
    },
    error,
  })
  const going = new Set<string>()
  try {
    const { cluster } = await ports.connect(environment.cluster)
    await requireIdentity(cluster, environment, ports.signal)
    const scene = { project, cluster, ports, sources: await sourcesOf(specs, project, cluster, ports.signal) }
    await refuseRunning(scene)
    if (options.dryRun) return end('planned')
    await agree(scene, options, show(end('planned').report))
    await underLock(scene, made, going)
    return end('backed-up')
  } catch (error) {
    const cause = refusal(error, ports.signal)
    const told = cause.with({ now: nowOf(made, going) })
    return end(outcomeOf(told), told)
  }
}

function nowOf(made: readonly BackupMade[], going: ReadonlySet<string>): string {
  const done = made.map(({ name, id }) => `made: ${name} (${id})`)
  const rest = [...going].map((name) => `${name} goes on by itself`)
  return [...(done.length + rest.length === 0 ? ['nothing was changed'] : []), ...done, ...rest].join('; ')
}

function chosen({ backups = [], environment, file }: Project, names: readonly string[]): readonly BackupSpec[] {
  const known = backups.map(({ name }) => name)
  const where = `forge.yaml, environment ${environment.name}`
  if (known.length === 0)
    throw new ForgeError('E_BACKUP_UNKNOWN', `forge.yaml names no backups for ${environment.name}`, {
      hint: forge('schema'),
      where: file,
    })
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new ForgeError(
      'E_BACKUP_UNKNOWN',
      `forge.yaml has no backup "${unknown}" for ${environment.name}${suggestion(unknown, known)}`,
      { hint: forge('backup', nearest(unknown, known) ?? known[0] ?? '', '--env', environment.name), where },
    )
  return backups.filter(({ name }) => names.length === 0 || names.includes(name))
}

async function sourcesOf(
  specs: readonly BackupSpec[],
  { environment, releases }: Project,
  cluster: Connection,
  signal: AbortSignal,
): Promise<BackupSource[]> {
  const namespaces = [...new Set([environment.namespace, ...releases.map(({ namespace }) => namespace)])]
  const scene = { cluster, namespaces, resources: await cluster.resources(signal), rendered: [] }
  const found = await Promise.all(specs.map(async (spec) => await findSource(spec, scene, signal)))
  return found.flatMap((one) => (one.state === 'there' ? [one.source] : []))
}

/** Two at once would be in the way of each other, as the CronJob itself says. */
async function refuseRunning({ sources, cluster, ports: { signal } }: Omit<Scene, 'project'>): Promise<void> {
  for (const source of sources) {
    if (source.cluster !== undefined || !isAlone(source.object)) continue
    const running = (await readRuns(source, { cluster, signal })).find(({ state }) => state === 'running')
    if (running === undefined) continue
    const name = nameOf(running.ref)
    throw new ForgeError(
      'E_BACKUP_RUNS',
      `${sourceName(source.spec)} lets one Job run at a time (concurrencyPolicy: Forbid), and ${name} runs`,
      {
        hint: kubectl(
          ['wait', '--for=condition=complete', `job/${running.ref.name}`, '--timeout=10m'],
          source.namespace,
        ),
        where: name,
      },
    )
  }
}

/** Only a protected environment asks. */
async function agree({ project, ports }: Scene, { yes }: BackupOptions, rows: readonly string[]): Promise<void> {
  const { name, protected: isProtected } = project.environment
  if (yes || !isProtected) return
  const details = { hint: again('--yes'), where: `environment ${name}` }
  if (ports.ask === undefined)
    throw new ForgeError('E_CONFIRMATION_REQUIRED', `${name} is protected: a backup has to be agreed to`, details)
  const agreed = await ports.ask([...rows, `Back up ${name}? (y/N) `])
  ports.signal.throwIfAborted()
  if (!agreed) throw new ForgeError('E_NOT_CONFIRMED', 'the backup was not confirmed', details)
}

async function underLock(scene: Scene, made: BackupMade[], going: Set<string>): Promise<void> {
  const { project, cluster, ports } = scene
  const note = (text: string): void => ports.say([text])
  const request = { cluster, clock: ports.clock, ...stateScope(project), holder: ports.runner, note }
  let lease: HeldLease | undefined
  try {
    lease = await acquireLease(request, ports.signal)
    await refuseRunning(scene)
    await makeAll(scene, lease, made, going)
  } finally {
    await lease?.release()
  }
}

async function makeAll(
  { sources, cluster, ports }: Scene,
  lease: HeldLease,
  made: BackupMade[],
  going: Set<string>,
): Promise<void> {
  const suffix = new Date(ports.clock.now()).toISOString().slice(0, 19).replaceAll(/[-:]/gu, '').toLowerCase()
  const signal = AbortSignal.any([ports.signal, lease.signal])
  const words = (): string =>
    going.size === 0 ? 'stopping: nothing goes on' : `stopping: ${[...going].join(', ')} goes on by itself`
  const stopping = { signal: ports.signal, words }
  const steps = sources.map((source, at) => {
    const position = { index: at + 1, total: sources.length, name: source.spec.name }
    return step({ ...ports, stopping }, position, async (report) => {
      const confirm = async (): Promise<void> => await lease.confirm(signal)
      const making = { cluster, ports, report, going, signal, confirm }
      const one = { ...(await makeSure({ state: 'due', source }, suffix, making)), before: [] }
      made.push(one)
      return madeText(one).slice(one.name.length + 2)
    })
  })
  await runSteps(steps, ports)
  signal.throwIfAborted()
}
