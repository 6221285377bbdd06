import type { Project } from '../../domain/config/model.ts'
import { NO_LOSSES } from '../plan/losses.ts'
import type { DeployContext, DeployOptions } from './context.ts'

/** `--timeout` is the limit of every stage. */
function withTimeout(project: Project, timeoutMs: number | undefined): Project {
  return timeoutMs === undefined
    ? project
    : { ...project, stages: project.stages.map((stage) => ({ ...stage, timeoutMs })), limitMs: timeoutMs }
}

export function createContext(project: Project, options: DeployOptions): DeployContext {
  const later = (name: string) => (): never => {
    throw new Error(`${name} is used before the step that sets it`)
  }
  const context: Omit<DeployContext, 'cluster' | 'charts' | 'facts'> = {
    project: withTimeout(project, options.timeoutMs),
    options,
    steps: [],
    number: 0,
    lease: undefined,
    journal: undefined,
    previous: undefined,
    liveEntry: undefined,
    deploys: [],
    target: undefined,
    databases: new Map(),
    interrupted: undefined,
    works: [],
    leftOut: [],
    images: new Map(),
    imageNotes: [],
    secretPlans: [],
    live: new Map(),
    adopted: [],
    awaited: [],
    leftDefinitions: [],
    definitions: [],
    restarts: [],
    left: [],
    remarks: [],
    hashKey: undefined,
    keptSecrets: undefined,
    stages: [],
    unchanged: false,
    back: undefined,
    warnings: [],
    notChecked: [],
    unreadable: new Set(),
    hidden: new Map(),
    unseen: [],
    losses: NO_LOSSES,
    atRisk: [],
    preserved: () => [],
    follower: undefined,
    heard: { jobs: new Map(), helm: new Map() },
    stageLogs: undefined,
  }
  // The three that step 1 sets; to read them before is a bug, and says so.
  return guarded(context, { cluster: later('cluster'), charts: later('charts'), facts: later('facts') })
}

function guarded(context: object, missing: Readonly<Record<string, () => never>>): DeployContext {
  for (const [name, get] of Object.entries(missing)) {
    const set = (value: unknown): void =>
      void Object.defineProperty(context, name, { value, writable: true, enumerable: true, configurable: true })
    Object.defineProperty(context, name, { get, set, enumerable: true, configurable: true })
  }
  return context as DeployContext
}
