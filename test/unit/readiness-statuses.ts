/** Statuses of other people's operators, and what the judge makes of them. */
import type { KubeObject } from '../../src/domain/kube.ts'
import type { Target } from '../../src/domain/readiness/model.ts'
import { custom, set } from './readiness-objects.ts'
import { installed } from './readiness-scene.ts'

export type Fields = Record<string, unknown>

/** `Ready=False:BuildFailed@2 kustomize build failed`, as conditions. */
export function conditions(...texts: string[]): Fields[] {
  return texts.map((text) => {
    const [, type, status, reason, , generation, message] =
      /^(\w+)=(\w+)(?::(\w+))?(@(\d+))?(?: (.*))?$/u.exec(text) ?? []
    return {
      ...{ type, status },
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      ...(generation === undefined ? {} : { observedGeneration: Number(generation) }),
    }
  })
}

export interface Kind {
  readonly apiVersion: string
  readonly kind: string
}

export const targetOf = ({ apiVersion, kind }: Kind): Target => ({ apiVersion, kind, name: 'db' })
export const resource = (kind: Kind, rest: Fields, generation = 1): KubeObject => ({
  ...custom(rest, generation),
  ...kind,
})

/** At once, and when all windows are over. */
export function judged(kind: Kind, status: Fields, spec: Fields = {}, generation = 1): string[] {
  const deploy = installed([targetOf(kind)], set(resource(kind, { spec, status }, generation)))
  return [deploy.says(targetOf(kind)), deploy.says(targetOf(kind), 120_000)].map((text) => text.slice(0, 110))
}

export const FAILED = 'failed E_RESOURCE_STALLED'
