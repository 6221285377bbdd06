import { systemClock } from '../adapters/clock.ts'
import { findSandboxBinary } from '../adapters/sandbox/binary.ts'
import {
  ensureSandbox,
  kubeconfigOf,
  restartProgram,
  runningSandbox,
  sandboxLog,
  sandboxName,
  sandboxState,
  stopSandbox,
} from '../adapters/sandbox/sandbox.ts'
import type { SandboxPorts } from '../flows/sandbox.ts'
import { screenFor } from './screen.ts'
import type { Session } from './session.ts'

export { kubeconfigOf, restartProgram, sandboxLog, sandboxName, sandboxState, stopSandbox }

export function wireSandbox(session: Session): SandboxPorts {
  return {
    clock: systemClock,
    events: session.events,
    screen: screenFor(session),
    signal: session.signal,
    running: async (name) => runningSandbox(name),
    binary: async (how) => findSandboxBinary(process.env, how),
    ensure: async (options, how) => ensureSandbox(options, how),
  }
}
