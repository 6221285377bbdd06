import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forge, startForge } from './forge.ts'
import { freshNamespace, kubectl, object, objects } from './cluster.ts'
import { helmOf } from './helms.ts'
import { killProject, objectsOf } from './kill-project.ts'
import { freeze, send } from './processes.ts'
import { testSandbox } from './sandbox.ts'
import { WriteProxy, type Fate, type Write } from './write-proxy.ts'

export type Scenario = 'install' | 'upgrade'
/** `group`: forge and its helm at once. `alone`: forge, while its helm lives on. */
export type Kill = 'group' | 'alone' | 'SIGINT'
export const KILLS: readonly Kill[] = ['group', 'alone', 'SIGINT']

/** Where a run is hit: at a write, before the API server has it or before its answer is back, or while a stage waits. */
export type Place =
  | { readonly write: number; readonly fate: Exclude<Fate, 'pass'> }
  | { readonly stage: string; readonly afterMs: number }

export interface Point {
  readonly scenario: Scenario
  readonly helm: 3 | 4
  readonly kill: Kill
  readonly at: Place
}

export interface Outcome {
  readonly point: Point
  /** The write or the stage that was hit. */
  readonly hit: string
  /** How the hit run ended. */
  readonly ended: string
  /** Empty: the next deploy reached the desired state, and nothing is lost or left. */
  readonly problems: readonly string[]
}

/** The writes of a run that nobody kills. */
export async function writesOf(scenario: Scenario, helm: 3 | 4): Promise<readonly Write[]> {
  return await inScene(scenario, helm, async ({ proxy, args, env }) => {
    const { status, stderr } = await forge([...args, '--kubeconfig', proxy.kubeconfig], { env })
    if (status !== 0) throw new Error(`the run that nobody kills ended with ${status}:\n${stderr}`)
    return [...proxy.writes]
  })
}

/** Hits one run, then deploys once more, and looks what is there. */
export async function hitAndDeploy(point: Point): Promise<Outcome> {
  return await inScene(point.scenario, point.helm, async (scene) => {
    const { hit, ended } = await hitRun(point, scene)
    const orphans = await stragglers(scene.proxy.kubeconfig)
    await scene.project.set('new')
    const next = await forge(scene.args, { env: scene.env })
    const failed = next.status === 0 ? [] : [`the next deploy ended with ${next.status}: ${next.stderr.slice(-1500)}`]
    return { point, hit, ended, problems: [...orphans, ...failed, ...(await problemsIn(scene))] }
  })
}

export interface Scene {
  readonly namespace: string
  readonly project: Awaited<ReturnType<typeof killProject>>
  readonly proxy: WriteProxy
  readonly args: readonly string[]
  readonly env: Record<string, string>
  /** Of the claim, where there was one before. */
  readonly claim: string | undefined
}

export async function inScene<T>(scenario: Scenario, helm: 3 | 4, action: (scene: Scene) => Promise<T>): Promise<T> {
  const { name, kubeconfig } = await testSandbox()
  const namespace = freshNamespace('kill')
  const project = await killProject(namespace)
  const folder = await mkdtemp(join(tmpdir(), 'forge-kill-'))
  const env = { FORGE_SANDBOX: name, FORGE_HELM: await helmOf(helm), KUBECACHEDIR: join(folder, 'cache') }
  const args = ['deploy', '-e', 'test', '-C', project.dir]
  const proxy = await WriteProxy.open(kubeconfig, folder)
  try {
    if (scenario === 'upgrade') {
      await project.set('old')
      const { status, stderr } = await forge(args, { env })
      if (status !== 0) throw new Error(`the first deploy ended with ${status}:\n${stderr}`)
    }
    const claim = (await object('persistentvolumeclaim', 'data', namespace))?.metadata.uid
    await project.set('dead')
    return await action({ namespace, project, proxy, args, env, claim })
  } finally {
    proxy.close()
    await rm(folder, { recursive: true, force: true })
    await rm(project.dir, { recursive: true, force: true })
  }
}

async function hitRun(point: Point, { proxy, args, env }: Scene): Promise<{ hit: string; ended: string }> {
  let hit = 'not reached'
  const run = startForge([...args, '--kubeconfig', proxy.kubeconfig], { env })
  const strike = async (what: string): Promise<void> => {
    hit = what
    await hitProcess(run.pid ?? 0, point.kill)
  }
  const { at } = point
  if ('write' in at) {
    const isPoint = ({ number }: Write): boolean => number === at.write
    // Who lives on gets its answer: the helm of a forge that was killed alone, and all after Ctrl-C.
    const lives = ({ by }: Write): boolean => point.kill === 'SIGINT' || (point.kill === 'alone' && by === 'helm')
    proxy.onWrite = (write) => (isPoint(write) && !lives(write) ? at.fate : 'pass')
    proxy.onHeld = async (write) => {
      if (isPoint(write) && (lives(write) || at.fate === 'lose')) await strike(`${write.by} ${write.what}`)
    }
    proxy.onAnswered = async (write) => await strike(`${write.by} ${write.what}, answered`)
  } else {
    run.stderr.on('data', (chunk: Buffer) => {
      if (hit !== 'not reached' || !new RegExp(`· .* ${at.stage} `, 'u').test(chunk.toString())) return
      hit = `stage ${at.stage}`
      setTimeout(() => void strike(`stage ${at.stage} + ${at.afterMs} ms`), at.afterMs)
    })
  }
  const { exitCode, signal } = await run
  return { hit: hit.replaceAll(/kill-[a-z0-9]+-[a-z0-9]+-\d+/gu, 'NS'), ended: signal ?? String(exitCode) }
}

export async function hitProcess(pid: number, kill: Kill): Promise<void> {
  if (kill !== 'group') return send(pid, kill === 'SIGINT' ? 'SIGINT' : 'SIGKILL')
  // Stopped first, so that none of them notices the death of another.
  for (const one of await freeze(pid)) send(one, 'SIGKILL')
}

const ORPHAN_MS = 10_000

/** Programs of the hit run that still live a while after it. */
async function stragglers(kubeconfig: string): Promise<string[]> {
  const end = Date.now() + ORPHAN_MS
  for (;;) {
    const left: string[] = []
    for (const entry of await readdir('/proc')) {
      if (!/^\d+$/u.test(entry)) continue
      // helm is told of it by its environment.
      const [line, given] = await Promise.all(
        ['cmdline', 'environ'].map(async (what) => await readFile(`/proc/${entry}/${what}`, 'utf8').catch(() => '')),
      )
      if (line !== undefined && `${line}${given}`.includes(kubeconfig))
        left.push(`still runs: ${line.replaceAll('\0', ' ').slice(0, 120)}`)
    }
    if (left.length === 0 || Date.now() > end) return left
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

export async function problemsIn({ namespace, env, claim }: Scene): Promise<string[]> {
  const kinds = 'configmaps,deployments,persistentvolumeclaims,jobs'
  const found = (await kubectl(['get', kinds, '-n', namespace, '-o', 'name'])).split('\n')
  const names = found.filter((name) => name !== '' && name !== 'configmap/kube-root-ca.crt').sort()
  const now = await object('persistentvolumeclaim', 'data', namespace)
  const lease = await object('lease', 'forge-kill', namespace)
  const facts: [string, unknown, unknown][] = [
    ['objects', names.join(' '), objectsOf('new').join(' ')],
    ['pods', await servingImage(namespace), 'example.test/web:new 1'],
    ['settings', (await object('configmap', 'settings', namespace))?.data?.['state'], 'new'],
    ['secret', await tokenOf(namespace), 'the-token-of-new'],
    ['claim', now?.metadata.uid, claim ?? now?.metadata.uid ?? 'none'],
    ['holder of the lock', lease?.spec?.['holderIdentity'] ?? '', ''],
    ['helm', helmStates(namespace, env), 'deployed'],
    ['journal', await unfinished(namespace), ''],
    ['revisions of the secret', await missingRevisions(namespace), ''],
  ]
  return facts.flatMap(([what, is, wanted]) =>
    is === wanted ? [] : [`${what}: ${String(is)} instead of ${String(wanted)}`],
  )
}

async function servingImage(namespace: string): Promise<string> {
  const web = await object('deployment', 'web', namespace)
  const image = /example\.test\/web:\w+/u.exec(JSON.stringify(web?.spec))?.[0] ?? 'none'
  return `${image} ${JSON.stringify(web?.status?.['availableReplicas'] ?? 0)}`
}

async function tokenOf(namespace: string): Promise<string> {
  return atob((await object('secret', 'token', namespace))?.data?.['token'] ?? '')
}

/** The newest revision's state, and whatever is still in the middle of something. */
function helmStates(namespace: string, env: Record<string, string>): string {
  const args = ['history', 'kill', '-n', namespace, '-o', 'json']
  const text = execFileSync(env['FORGE_HELM'] ?? '', args, {
    env: { ...process.env, ...env, KUBECONFIG: sandboxKubeconfig() },
    encoding: 'utf8',
  })
  const history = JSON.parse(text) as { revision: number; status: string }[]
  const stuck = history.filter(({ status }) => status.startsWith('pending') || status === 'uninstalling')
  return [history.at(-1)?.status ?? 'none', ...stuck.map(({ revision, status }) => `${revision} ${status}`)].join(', ')
}

function sandboxKubeconfig(): string {
  return (JSON.parse(process.env['FORGE_TEST_SANDBOX_OF_RUN'] ?? '{}') as { kubeconfig?: string }).kubeconfig ?? ''
}

interface Entry {
  readonly number: number
  readonly state: string
  readonly secrets: readonly { readonly name: string; readonly revision: number; readonly revisionBefore?: number }[]
}

async function journal(namespace: string): Promise<Entry[]> {
  const { gunzipSync } = await import('node:zlib')
  const records = await objects('secrets', namespace, 'forge.api-forge.io/deploy')
  return records.map(({ data }) => {
    const packed = Buffer.from(data?.['entry'] ?? '', 'base64')
    return JSON.parse(gunzipSync(packed).toString()) as Entry
  })
}

/** Entries that say neither how their deploy ended nor, being the newest, that it is deployed; and numbers that are gone. */
async function unfinished(namespace: string): Promise<string> {
  const entries = (await journal(namespace)).sort((a, b) => a.number - b.number)
  const open = entries.filter(({ state }) => state === 'running' || state === 'interrupted')
  const gap = entries.filter(({ number }, at) => number !== at + 1)
  const last = entries.at(-1)?.state ?? 'none'
  return (
    [...open, ...gap].map(({ number, state }) => `#${number} ${state}`).join(', ') +
    (last === 'deployed' ? '' : ` last ${last}`)
  )
}

async function missingRevisions(namespace: string): Promise<string> {
  const kept = new Set((await objects('secrets', namespace)).map(({ metadata }) => metadata.name))
  // A deploy that was killed before it wrote its secret speaks of a revision that never was.
  const ready = (await journal(namespace)).filter(({ state }) => state === 'deployed')
  return ready
    .flatMap(({ secrets }) => secrets.map(({ name, revision }) => `forge-${name}-r${revision}`))
    .filter((name) => !kept.has(name))
    .join(', ')
}
