import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { kubectl, object, objects } from './cluster.ts'
import { forge, startForge } from './forge.ts'
import { helmOf } from './helms.ts'
import { KILLS, hitProcess, type Kill } from './kill-matrix.ts'
import { identities, type Identities } from './legacy-stack.ts'
import { stated } from './migrating.ts'
import { SMALL_OBJECTS, smallLegacy, type SmallLegacy } from './small-legacy.ts'
import { testSandbox } from './sandbox.ts'
import { WriteProxy, type Fate, type Write } from './write-proxy.ts'

/** What is hit: a migration, one that fails and goes back by itself, and `--undo`. */
export const HIT = ['migrate', 'fail', 'undo'] as const
/** What is run after it. */
export const THEN = ['migrate', 'recover', 'undo'] as const

export interface MigrationPoint {
  readonly hit: (typeof HIT)[number]
  readonly then: (typeof THEN)[number]
  readonly helm: 3 | 4
  readonly kill: Kill
  readonly write: number
  readonly fate: Exclude<Fate, 'pass'>
}

export interface MigrationOutcome {
  readonly point: MigrationPoint
  readonly at: string
  readonly problems: readonly string[]
}

interface Scene {
  readonly stack: SmallLegacy
  readonly proxy: WriteProxy
  readonly env: Record<string, string>
  /** As it was before anything of helm came. */
  readonly before: Record<string, unknown>
  readonly foreign: Identities
  /** Of the stack: what is to be the same object at the end. */
  readonly own: Identities
}

const KEPT = /^(?:Deployment|Service|PersistentVolumeClaim|Secret)\//u

const job = (image: string): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'seed' },
  spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'seed', image }] } } },
})

const left = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'left' }, data: { of: 'old' } }
const theirs = [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs' }, data: { a: 'b' } },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'theirs' }, stringData: { a: 'b' } },
  { ...SMALL_OBJECTS.claim, metadata: { name: 'theirs' } },
]

/** Everything of a migration is in it: a claim, a Job that is made anew, what is retired, other people's objects, a change by hand. */
async function inScene<T>(
  { hit, helm }: Pick<MigrationPoint, 'hit' | 'helm'>,
  act: (scene: Scene) => Promise<T>,
): Promise<T> {
  const stack = await smallLegacy({ ...SMALL_OBJECTS, job: job('seed:1'), left })
  const { namespace, project } = stack
  const [{ name, kubeconfig }, folder] = [await testSandbox(), await mkdtemp(join(tmpdir(), 'forge-kill-'))]
  const env = { FORGE_SANDBOX: name, FORGE_HELM: await helmOf(helm), KUBECACHEDIR: join(folder, 'cache') }
  const proxy = await WriteProxy.open(kubeconfig, folder)
  try {
    await project.write('chart/templates/job.yaml', stringify(job('seed:2')))
    for (const one of theirs) await kubectl(['-n', namespace, 'apply', '-f', '-'], JSON.stringify(one))
    const pair = await identities(namespace)
    const foreign = new Map([...pair].filter(([key]) => key.endsWith('/theirs')))
    const own = new Map([...pair].filter(([key]) => KEPT.test(key)))
    const scene = { stack, proxy, env, before: await stated(namespace), foreign, own }
    if (hit === 'undo') await mustRun(scene, 'migrate')
    return await act(scene)
  } finally {
    proxy.close()
    await kubectl(['delete', 'namespace', namespace, '--wait=false'])
    await Promise.all([folder, project.dir].map(async (one) => await rm(one, { recursive: true, force: true })))
  }
}

/** The writes of a run that nobody kills. */
export async function writesOf(hit: MigrationPoint['hit'], helm: 3 | 4): Promise<readonly Write[]> {
  return await inScene({ hit, helm }, async ({ stack, proxy, env }) => {
    const { status, stderr } = await forge([...argsOf(hit, stack), '--kubeconfig', proxy.kubeconfig], { env })
    if (status !== (hit === 'fail' ? 4 : 0))
      throw new Error(`the run that nobody kills ended with ${status}:\n${stderr}`)
    return [...proxy.writes]
  })
}

/** One point at every write; who is killed, on which side of it, and what is run then, takes turns. */
export function pointsOf(
  hit: MigrationPoint['hit'],
  helm: 3 | 4,
  writes: readonly Write[],
  turn: number,
): MigrationPoint[] {
  return writes.map(({ number }, at) => ({
    ...{ hit, helm, write: number },
    then: THEN[(at + turn) % THEN.length] ?? 'recover',
    kill: KILLS[(at + Math.floor(turn / 3)) % KILLS.length] ?? 'group',
    fate: (at + turn) % 2 === 0 ? 'lose' : 'mute',
  }))
}

/** Hits one run, then runs what comes then, and looks what is there. */
export async function hitAndGoOn(point: MigrationPoint): Promise<MigrationOutcome> {
  return await inScene(point, async (scene) => {
    const { stack, env } = scene
    const at = await hitRun(point, scene)
    const { status, stderr } = await forge(argsOf(point.then, stack), { env })
    const isNothing = point.then === 'undo' && /E_MIGRATE_NONE/u.test(stderr)
    const failed = status === 0 || isNothing ? [] : [`${point.then} ended with ${status}: ${stderr.slice(-800)}`]
    const end = await endOf(scene)
    const wrong = point.then === 'recover' || end === point.then ? [] : [`after ${point.then} it is: ${end}`]
    return {
      point,
      at,
      problems: [...failed, ...wrong, ...(await problemsOf(end, scene))],
    }
  })
}

async function hitRun(
  { hit, kill, write: number, fate }: MigrationPoint,
  { stack, proxy, env }: Scene,
): Promise<string> {
  let at = 'not reached'
  const run = startForge([...argsOf(hit, stack), '--kubeconfig', proxy.kubeconfig], { env })
  const strike = async ({ by, what }: Write): Promise<void> => {
    at = `${by} ${what}`.replaceAll(stack.namespace, 'NS')
    await hitProcess(run.pid ?? 0, kill)
  }
  const isPoint = (write: Write): boolean => write.number === number
  const lives = ({ by }: Write): boolean => kill === 'SIGINT' || (kill === 'alone' && by === 'helm')
  proxy.onWrite = (write) => (isPoint(write) && !lives(write) ? fate : 'pass')
  proxy.onHeld = async (write) => {
    if (isPoint(write) && (lives(write) || fate === 'lose')) await strike(write)
  }
  proxy.onAnswered = strike
  await run
  return at
}

function argsOf(
  what: MigrationPoint['hit'] | MigrationPoint['then'],
  { project: { dir }, from }: SmallLegacy,
): string[] {
  const own = ['migrate-to-helm', '-C', dir, '--from', join(dir, from)]
  if (what === 'migrate') return own
  if (what === 'fail') return [...own, '--set', 'image=registry.invalid/web:2']
  return what === 'undo' ? ['migrate-to-helm', '-C', dir, '--undo', '--yes'] : ['recover', '-C', dir]
}

async function mustRun({ stack, env }: Scene, what: 'migrate'): Promise<void> {
  const { status, stderr } = await forge(argsOf(what, stack), { env })
  if (status !== 0) throw new Error(`${what} ended with ${status}:\n${stderr}`)
}

const KINDS = 'deployments,services,configmaps,persistentvolumeclaims,jobs,secrets'

async function endOf({ stack: { namespace } }: Scene): Promise<'migrate' | 'undo'> {
  const records = await objects('secrets', namespace, 'owner=helm')
  return records.length > 0 ? 'migrate' : 'undo'
}

async function problemsOf(end: 'migrate' | 'undo', scene: Scene): Promise<string[]> {
  const { stack, env, foreign } = scene
  const { namespace } = stack
  const now = await identities(namespace)
  // Deleted and made again would be another one.
  const lost = [...scene.own].filter(([name, { uid }]) => now.get(name)?.uid !== uid)
  const touched = [...foreign].filter(([name, was]) => JSON.stringify(now.get(name)) !== JSON.stringify(was))
  const claim = await object('persistentvolumeclaim', 'web-data', namespace)
  const volume = await object('persistentvolume', String(claim?.spec?.['volumeName']), namespace)
  const policy = String(volume?.spec?.['persistentVolumeReclaimPolicy'])
  const common = [
    ...lost.map(([name]) => `${name} is another one`),
    ...touched.map(([name]) => `${name} was touched`),
    ...(policy === 'Retain' ? ['the volume is retained'] : []),
  ]
  if (end === 'undo')
    return [...common, ...differences(scene.before, await stated(namespace)), ...(await leftOf(namespace))]
  const again = await forge([...argsOf('migrate', stack), '--json'], { env })
  const { outcome } = JSON.parse(again.stdout) as { outcome: string }
  const applied = Object.entries(await stated(namespace)).filter(
    ([name, one]) => !name.endsWith('/theirs') && JSON.stringify(one).includes('last-applied'),
  )
  return [
    ...common,
    ...(outcome === 'unchanged' ? [] : [`once more is ${outcome}: ${again.stderr.slice(-500)}`]),
    ...applied.map(([name]) => `${name} has kubectl's note`),
    ...(now.has('ConfigMap/left') ? ['ConfigMap/left is not retired'] : []),
  ]
}

async function leftOf(namespace: string): Promise<string[]> {
  const found = await objects(KINDS, namespace)
  return found.flatMap(({ kind, metadata: { name, managedFields = [] }, type }) => [
    ...(type === 'forge.api-forge.io/legacy' ? [`${name} is left`] : []),
    ...(managedFields as { manager: string }[]).flatMap(({ manager }) =>
      manager === 'helm' && kind !== 'Job' ? [`${kind}/${name} has fields of helm's`] : [],
    ),
  ])
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name) => {
    const [was, is] = [before, after].map((all) => JSON.stringify(all[name]))
    return was === is ? [] : [`${name}: ${was} → ${is}`]
  })
}

export function migrationTable(outcomes: readonly MigrationOutcome[]): string {
  return outcomes
    .map(({ point: { hit, then, helm, kill, fate }, at, problems }) =>
      [
        hit.padEnd(8),
        `helm ${helm}`,
        kill.padEnd(7),
        fate,
        at.padEnd(60),
        `then ${then.padEnd(8)}`,
        problems.join('; ') || 'ok',
      ].join('  '),
    )
    .join('\n')
}
