import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runForge } from '../../adapters/forge-child.ts'
import { commandLine } from '../step/command-line.ts'
import { conclude, type Answered, type Asked } from './conclude.ts'
import { childEnv, readInputs, type ArgoInputs } from './inputs.ts'
import { endedIn, outputsOf, statusOf, type Outputs } from './outputs.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The exit handler of a workflow: no command of forge, but those that it needs. */
const CONCLUDE = 'conclude'

/**
 * A container of a workflow (docs/argo.md): runs forge as the parameters say, prints what it prints, and leaves what came of it in files.
 * Resolves with the exit status.
 */
export async function argo(env: Env, say: (line: string) => void): Promise<number> {
  const inputs = inputsOr(env, say)
  if (inputs === undefined) return 2
  mkdirSync(inputs.out, { recursive: true })
  const { status, outputs } = inputs.words[0] === CONCLUDE ? await concluded(inputs, env, say) : await ran(inputs, env)
  for (const [name, text] of Object.entries<string>({ ...outputs })) writeFileSync(join(inputs.out, name), text)
  return status
}

interface Done {
  readonly status: number
  readonly outputs: Outputs
}

async function ran(inputs: ArgoInputs, env: Env): Promise<Done> {
  const command = inputs.words.join(' ')
  const files = filesIn(inputs)
  const asks = command === 'plan' ? ['--exit-code'] : []
  const line = commandLine({ ...inputs, args: [...asks, ...inputs.args] }, undefined, files, { shows: true })
  const { status, stdout, ended } = await forge(line.args, env, 'shown', files.events)
  return { status: statusOf(command, status), outputs: outputsOf({ command, status, stdout, ended }) }
}

async function concluded(inputs: ArgoInputs, env: Env, say: (line: string) => void): Promise<Done> {
  const ask = async (words: readonly string[], more: readonly string[], how: Asked): Promise<Answered> => {
    const files = filesIn(inputs)
    const line = commandLine({ ...inputs, words, args: more }, undefined, files, { shows: true })
    return await forge(line.args, env, how, files.events)
  }
  return await conclude(inputs, ask, say)
}

async function forge(args: readonly string[], env: Env, output: Asked, events: string): Promise<Answered> {
  const program = fileURLToPath(new URL('../bin/forge.js', import.meta.url))
  // Argo's executor signals the whole group of processes.
  const ran = await runForge({ program, args, cwd: process.cwd(), env: childEnv(env), output, signals: 'shared' })
  return { ...ran, ended: existsSync(events) ? endedIn(readFileSync(events, 'utf8')) : undefined }
}

function filesIn({ out }: ArgoInputs): Record<'events' | 'plan' | 'evidence', string> {
  return { events: join(out, 'events.ndjson'), plan: join(out, 'plan.json'), evidence: join(out, 'evidence') }
}

function inputsOr(env: Env, say: (line: string) => void): ArgoInputs | undefined {
  try {
    return readInputs(env)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    say(`E_USAGE: ${error.message}`)
    return undefined
  }
}
