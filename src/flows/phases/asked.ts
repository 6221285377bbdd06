import type { Project } from '../../domain/config/model.ts'
import { Once } from '../once.ts'
import type { Asked } from './opened.ts'
import type { RunOptions } from './options.ts'
import type { Policy } from './policy.ts'

/** Where every flow begins: nothing is known but what is wanted. */
export function asked(project: Project, options: RunOptions, policy: Policy): Asked {
  return {
    project: withOptions(project, options),
    options,
    policy,
    warnings: [],
    notChecked: [],
    unreadable: new Set(),
    audience: new Once(),
  }
}

/** `--timeout` is the limit of every stage; `--overwrite-drift` is the drift policy of this run. */
function withOptions(project: Project, { timeoutMs, overwriteDrift = false }: RunOptions): Project {
  const { environment, stages } = project
  const drift = { ...environment.drift, policy: 'overwrite' } as const
  return {
    ...project,
    ...(overwriteDrift ? { environment: { ...environment, drift } } : {}),
    ...(timeoutMs === undefined ? {} : { stages: stages.map((one) => ({ ...one, timeoutMs })), limitMs: timeoutMs }),
  }
}

/** Adds what is not told yet. */
export function tellOnce(told: string[], texts: readonly string[]): void {
  told.push(...new Set(texts.filter((text) => !told.includes(text))))
}
