import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../adapters/clock.ts'
import { followLines, runForge, type ForgeRun } from '../../adapters/forge-child.ts'
import type { DeployEvent } from '../../domain/events/schema.ts'
import { closingLines, JobLog, textLines } from '../../screen/github/job-log.ts'
import { DEPLOY_PAGE, jobSummary, type DeployPage, type SummaryStep } from '../../screen/github/job-summary.ts'
import { rehearsalAnnotations } from '../../screen/github/rehearsal-comment.ts'
import { planRows } from '../../screen/plan.ts'
import type { HintPlace } from '../../hint.ts'
import { annotation, placeIn, workflowCommand, type Place } from '../../screen/github/workflow-command.ts'
import { commandLine, pageLine, type CommandLine } from '../step/command-line.ts'
import { childEnv, readInputs, readJob, type ActionInputs, type Job } from './inputs.ts'
import { hasWritten, keepPage } from './page.ts'
import { commentOn } from './pull-comment.ts'
import { rehearsedRows } from './rehearsed-rows.ts'
import { hasChanged, outcomeOf, outputText, reportIn, type Report } from '../step/result.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Of what forge says beside its report. */
const LAST_LINES = 200

/** One step of a workflow: runs forge, and says what became of it in the ways that GitHub has. Resolves with its exit status. */
export async function action(env: Env, say: (line: string) => void): Promise<number> {
  const job = readJob(env)
  const inputs = inputsOr(env, say)
  if (inputs === undefined) return 2
  const folder = mkdtempSync(join(resolve(job.temp), 'forge-'))
  const secret = join(folder, 'secret')
  const kept = join(folder, 'kept')
  mkdirSync(secret, { mode: 0o700 })
  mkdirSync(kept, { mode: 0o700 })
  try {
    return await runIn({ job, inputs, kept, secret, env, say })
  } finally {
    rmSync(secret, { recursive: true, force: true })
  }
}

interface Scene {
  readonly job: Job
  readonly inputs: ActionInputs
  /** What is worth an artifact. */
  readonly kept: string
  /** Removed at the end. */
  readonly secret: string
  readonly env: Env
  readonly say: (line: string) => void
}

async function runIn(scene: Scene): Promise<number> {
  const { job, inputs, kept, say } = scene
  const files = { events: join(kept, 'events.ndjson'), plan: join(kept, 'plan.json'), evidence: join(kept, 'evidence') }
  const kubeconfig = kubeconfigFile(scene)
  const line = commandLine(inputs, kubeconfig, files)
  const ran = await runTold(scene, line, files.events)
  const { status, steps } = ran
  const stdout = withoutSecretFile(ran.stdout, scene)
  const stderr = withoutSecretFile(ran.stderr, scene)
  const report = line.isDocumented ? reportIn(stdout) : undefined
  // Warnings; and where there is no report, what went wrong.
  if (stderr.trim() !== '') stderr.trimEnd().split('\n').slice(-LAST_LINES).flatMap(textLines).forEach(say)
  if (report !== undefined) {
    writeFileSync(join(kept, 'report.json'), stdout, { mode: 0o600 })
    tell(report, status, scene)
  } else if (status !== 0)
    say(annotation({ code: inputs.words.join(' '), message: unsaid(status), hint: null }, undefined))
  writeOutputs(status, report, scene)
  const page = await pageOf(status, report, kubeconfig, scene)
  if (job.summaryFile !== undefined) appendFileSync(job.summaryFile, summaryOf({ status, report, steps, page }, scene))
  await commentOn({ report, status }, scene)
  return status
}

/** Nothing is begun any more in a job that is cancelled: GitHub gives it seconds. */
async function pageOf(
  status: number,
  report: Report | undefined,
  kubeconfig: string | undefined,
  scene: Scene,
): Promise<DeployPage | undefined> {
  if (report?.deploy == null || outcomeOf(status) === 'interrupted' || !hasWritten(report)) return undefined
  const file = join(scene.kept, DEPLOY_PAGE)
  const args = pageLine(scene.inputs, kubeconfig, report.deploy, file)
  if (args === undefined) return undefined
  return await keepPage(
    file,
    async () => await forge(args, 'collected', scene),
    (text) => withoutSecretFile(text, scene),
  )
}

/** Of a command that prints its reasons itself. */
function unsaid(status: number): string {
  return `${outcomeOf(status)} (exit status ${status}): the log of the step says why`
}

/** Commands that are to be typed later, somewhere else: the file of this step is gone then. */
function withoutSecretFile(text: string, { secret }: Scene): string {
  return text.replaceAll(` --kubeconfig ${join(secret, 'kubeconfig')}`, '')
}

/** A path, or what the file is to have: then it is made, for its owner alone. */
function kubeconfigFile({ inputs: { kubeconfig }, job, secret }: Scene): string | undefined {
  if (kubeconfig.trim() === '') return undefined
  if (!/[\n{]/u.test(kubeconfig.trim())) return resolve(job.workspace, kubeconfig.trim())
  const file = join(secret, 'kubeconfig')
  writeFileSync(file, kubeconfig, { mode: 0o600, flag: 'wx' })
  return file
}

interface Told {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly steps: readonly SummaryStep[]
}

async function forge(args: readonly string[], output: 'collected' | 'passed-on', scene: Scene): Promise<ForgeRun> {
  const { job, inputs, env } = scene
  const program = fileURLToPath(new URL('../bin/forge.js', import.meta.url))
  return await runForge({ program, args, cwd: resolve(job.workspace), env: childEnv(env, inputs), output })
}

async function runTold(scene: Scene, line: CommandLine, events: string): Promise<Told> {
  const { say } = scene
  const log = new JobLog(() => randomBytes(16).toString('hex'))
  const steps: SummaryStep[] = []
  const hear = (text: string): void => {
    const event = JSON.parse(text) as DeployEvent & { readonly at: string }
    log.linesOf(event).forEach(say)
    if (event.type !== 'step' || event.state === 'running') return
    const { name, state, seconds = 0, text: found = '' } = event
    steps.push({ name, state, seconds, text: found, endedAt: Date.parse(event.at) })
  }
  if (line.tells) writeFileSync(events, '', { mode: 0o600 })
  const end = line.tells ? followLines(events, hear) : (): void => undefined
  const ran = await forge(line.args, line.isDocumented ? 'collected' : 'passed-on', scene).finally(() => {
    end()
    log.close().forEach(say)
  })
  return { ...ran, steps }
}

/** The end of the log, and the annotations: one of the run, and one for each failure that a rehearsal has found wanting. */
function tell(report: Report, status: number, { inputs, job, say }: Scene): void {
  const { outcome = outcomeOf(status), environment = inputs.env } = report
  const { deploy = null, verdict = null, plan = null, rehearsal = null } = report
  if (plan !== null) {
    const screen = { full: false, now: systemClock.now(), saved: undefined, width: undefined }
    planRows(plan, screen, placeOf(inputs)).flatMap(textLines).forEach(say)
  }
  if (rehearsal !== null) rehearsedRows(report, rehearsal, placeOf(inputs)).flatMap(textLines).forEach(say)
  closingLines({ outcome, environment, deploy, verdict }).forEach(say)
  if (verdict !== null) {
    const { where = null, hint = null } = verdict
    say(annotation({ ...verdict, hint }, where === null ? undefined : ownPlace(where, inputs, job)))
  }
  if (rehearsal !== null) rehearsalAnnotations(rehearsal).forEach(say)
}

/** For hints of what was planned: to be followed in a checkout, as the workflow has it. */
function placeOf({ words, env, dir }: ActionInputs): HintPlace {
  const given = { ...(env === '' ? {} : { env }), ...(dir === '.' ? {} : { dir }) }
  return { typed: words, given, cluster: undefined, helm: undefined, conceals: () => true }
}

/** A file of the project, as the repository has it. */
function ownPlace(where: string, { dir }: ActionInputs, { workspace }: Job): Place | undefined {
  const place = placeIn(where)
  if (place === undefined) return undefined
  const top = resolve(workspace)
  const full = resolve(top, dir, place.file)
  const file = relative(top, full)
  return existsSync(full) && !file.startsWith('..') ? { ...place, file } : undefined
}

function writeOutputs(status: number, report: Report | undefined, { kept, job }: Scene): void {
  if (job.outputFile === undefined) return
  const { outcome = outcomeOf(status), deploy, verdict, evidence } = report ?? {}
  const changed = report === undefined ? undefined : hasChanged(report)
  const there = (name: string): string => (existsSync(join(kept, name)) ? join(kept, name) : '')
  appendFileSync(
    job.outputFile,
    outputText({
      outcome,
      deploy: deploy == null ? '' : String(deploy),
      verdict: verdict?.message ?? '',
      code: verdict?.code ?? '',
      evidence: evidence ?? '',
      report: there('report.json'),
      changed: changed === undefined ? '' : String(changed),
      plan: there('plan.json'),
      artifact: kept,
      status: String(status),
    }),
  )
}

interface Done {
  readonly status: number
  readonly report: Report | undefined
  readonly steps: readonly SummaryStep[]
  readonly page: DeployPage | undefined
}

function summaryOf({ status, report, steps, page }: Done, { inputs }: Scene): string {
  const { outcome = outcomeOf(status), environment = inputs.env, restarted = [], ...rest } = report ?? {}
  const { deploy = null, verdict, plan, rehearsal, evidence } = rest
  return jobSummary({
    command: inputs.words.join(' '),
    ...{ environment, outcome, status, deploy, steps, restarted, page },
    verdict: verdict == null ? null : { chain: [], where: null, hint: null, ...verdict },
    plan: plan ?? undefined,
    rehearsal: rehearsal ?? undefined,
    evidence: evidence == null || !existsSync(evidence) ? [] : filesBelow(evidence),
    now: systemClock.now(),
  })
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort()
}

function inputsOr(env: Env, say: (line: string) => void): ActionInputs | undefined {
  try {
    const file = env['GITHUB_EVENT_PATH'] ?? ''
    const event: unknown = file === '' || !existsSync(file) ? undefined : JSON.parse(readFileSync(file, 'utf8'))
    return readInputs(env, event)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    say(workflowCommand('error', error.message, { title: 'E_USAGE' }))
    return undefined
  }
}
