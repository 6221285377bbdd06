import type { Project } from '../../domain/config/model.ts'
import type { Asked } from './opened.ts'
import type { DeployOptions } from './options.ts'

/** Where every flow begins: nothing is known but what is wanted. */
export function asked(project: Project, options: DeployOptions): Asked {
  return {
    project: withTimeout(project, options.timeoutMs),
    options,
    steps: [],
    warnings: [],
    notChecked: [],
    unreadable: new Set(),
  }
}

/** `--timeout` is the limit of every stage. */
function withTimeout(project: Project, timeoutMs: number | undefined): Project {
  return timeoutMs === undefined
    ? project
    : { ...project, stages: project.stages.map((stage) => ({ ...stage, timeoutMs })), limitMs: timeoutMs }
}

/** Adds what is not told yet. */
export function tellOnce(told: string[], texts: readonly string[]): void {
  told.push(...new Set(texts.filter((text) => !told.includes(text))))
}
