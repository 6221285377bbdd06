import { expect } from '@jest/globals'
import type { Component } from '../../src/domain/config/component.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { Fate, Tonight, TonightObject } from '../../src/domain/rehearsal/spots.ts'
import { ForgeError } from '../../src/errors.ts'

export const at = { file: 'forge.yaml', line: 9, column: 3 }

interface Made {
  readonly kind?: string
  readonly spec?: object
  readonly pod?: object
  readonly labels?: Readonly<Record<string, string>>
}

export const PROBED = { name: 'main', readinessProbe: {}, livenessProbe: {} }
export const PLAIN = { name: 'main' }
export const FULL = {
  initContainers: [{ name: 'proxy', restartPolicy: 'Always' }, { name: 'prepare' }],
  containers: [PROBED],
}

/** `pod`: the spec of its template. */
export function workload(
  name: string,
  { kind = 'Deployment', spec = {}, pod = { containers: [PROBED] }, labels }: Made = {},
): KubeObject {
  const metadata = { name, namespace: 'shop', ...(labels === undefined ? {} : { labels }) }
  return {
    apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata,
    spec: { ...spec, template: { metadata: {}, spec: pod } },
  }
}

export const claim = (name: string, spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'shop' },
  spec,
})
export const mounting = (claimName: string): object => ({
  containers: [PLAIN],
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
})
export const of = (object: KubeObject, fate: Fate = 'restarted', isHook = false): TonightObject => ({
  object,
  fate,
  isHook,
})
export const tonight = (objects: readonly TonightObject[], more: Partial<Tonight> = {}): Tonight => ({
  objects,
  stages: [
    { targets: objects.map(({ object: { apiVersion, kind, metadata } }) => ({ apiVersion, kind, ...metadata })) },
  ],
  components: [],
  hooksCanBeMarked: false,
  claims: new Set(),
  ...more,
})
export const component = (name: string, target: string): Component => ({ name, target, at })

/** What E_USAGE says, and its hint. */
export const refused = (ask: () => unknown): { message: string; hint: unknown } => {
  try {
    ask()
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error
    expect(error.code).toBe('E_USAGE')
    const { hint, message } = error
    return { message, hint: 'args' in hint ? hint.args.join(' ') : hint }
  }
  throw new Error('nothing was refused')
}
