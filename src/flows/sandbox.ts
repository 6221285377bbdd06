import type { StepPosition } from '../domain/events/model.ts'
import {
  RESTARTABLE_PROGRAMS,
  SANDBOX_PROGRAMS,
  type RestartableProgram,
  type SandboxBinary,
  type EnsuredSandbox,
  type SandboxOptions,
  type SandboxProgramName,
  type SandboxState,
} from '../domain/sandbox/model.ts'
import { differences, programRows, sandboxRows, whence } from '../domain/sandbox/screen.ts'
import { ForgeError } from '../errors.ts'
import { forge } from '../hint.ts'
import { runStep, type StepPorts } from './step.ts'

export { contextOf, RESTARTABLE_PROGRAMS, SANDBOX_PROGRAMS } from '../domain/sandbox/model.ts'
export type { SandboxBinary, SandboxState }

interface Progress {
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
}

export interface SandboxPorts extends StepPorts {
  readonly signal: AbortSignal
  readonly running: (name: string) => Promise<EnsuredSandbox | undefined>
  readonly ensure: (options: SandboxOptions, how: Progress) => Promise<EnsuredSandbox>
  readonly binary: (how: Progress) => Promise<SandboxBinary>
}

export interface SandboxUp {
  readonly started: boolean
  readonly context: string
  readonly sandbox: SandboxState
  /** Where its program came from, when it was started just now. */
  readonly program?: SandboxBinary
  /** What was asked for and is otherwise in the sandbox that runs already. */
  readonly differs: readonly string[]
}

const STEP: StepPosition = { index: 0, total: 0, name: 'sandbox' }

/** Starts the sandbox, unless it runs already. A start is shown, with what takes long: the control plane may be built first. */
export async function sandboxUp(options: SandboxOptions, ports: SandboxPorts): Promise<SandboxUp> {
  let found = await ports.running(options.name)
  if (found === undefined)
    await runStep(ports, STEP, async ({ detail }) => {
      found = await ports.ensure(options, { signal: ports.signal, progress: detail })
      return `${options.name} ready`
    })
  const { state, started, context, binary } = found as EnsuredSandbox
  const program = binary === undefined ? {} : { program: binary }
  return { started, context, sandbox: state, ...program, differs: started ? [] : differences(options, state) }
}

/** Gets the control plane's program; shown, because it may have to be built. */
export async function sandboxBinary(ports: SandboxPorts): Promise<SandboxBinary> {
  let found = undefined as SandboxBinary | undefined
  await runStep(ports, STEP, async ({ detail }) => {
    found = await ports.binary({ signal: ports.signal, progress: detail })
    return whence(found)
  })
  return found as SandboxBinary
}

/** What `forge sandbox up` prints. */
export function upRows({ started, sandbox, context, differs, program }: SandboxUp): string[] {
  const after = sandbox.readyAfterSeconds?.toFixed(1) ?? '?'
  const title = started
    ? `Sandbox ${sandbox.name} is ready after ${after} s.`
    : `Sandbox ${sandbox.name} is running already.`
  const name = sandbox.name === 'default' ? '' : ` --name ${sandbox.name}`
  return [
    title,
    '',
    ...sandboxRows(sandbox),
    ...(program === undefined ? [] : [`program     ${whence(program)}`]),
    `context     ${context}`,
    ...differs.map((text, at) => (at === 0 ? 'not applied' : '').padEnd(12) + text),
    ...(differs.length === 0 ? [] : [`${''.padEnd(12)}forge sandbox down${name} first`]),
    `next        export KUBECONFIG=${sandbox.kubeconfig}`,
  ]
}

/** What `forge sandbox status` prints. */
export function statusRows(state: SandboxState): string[] {
  return [...sandboxRows(state), ...programRows(state)]
}

/** The program that an argument names. */
export function programOf(text: string): SandboxProgramName {
  const program = SANDBOX_PROGRAMS.find((name) => name === text)
  if (program !== undefined) return program
  throw new ForgeError('E_USAGE', `a sandbox has no program ${text}: there are ${SANDBOX_PROGRAMS.join(', ')}`, {
    hint: forge('sandbox', 'logs', 'kube-apiserver'),
    where: 'command line',
  })
}

/** The program that an argument of `restart` names. */
export function restartableOf(text: string): RestartableProgram {
  const program = RESTARTABLE_PROGRAMS.find((name) => name === text)
  if (program !== undefined) return program
  throw new ForgeError('E_USAGE', `${text} cannot be restarted: ${RESTARTABLE_PROGRAMS.join(', ')} can`, {
    hint: forge('sandbox', 'restart', 'kube-apiserver'),
    where: 'command line',
  })
}

export function noLog(name: string, program: string): ForgeError {
  return new ForgeError('E_SANDBOX_NOT_RUNNING', `the sandbox ${name} has no log of ${program}: it was not started`, {
    hint: forge('sandbox', 'up', '--name', name),
    where: `sandbox ${name}`,
  })
}
