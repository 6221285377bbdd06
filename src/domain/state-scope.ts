import type { Project } from './config/model.ts'

/** Where forge keeps its state: of one project in one namespace. */
export interface StateScope {
  readonly project: string
  readonly namespace: string
}

export function stateScope({ name, environment }: Pick<Project, 'name' | 'environment'>): StateScope {
  return { project: name, namespace: environment.namespace }
}
