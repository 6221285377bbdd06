import { expect } from '@jest/globals'
import { freshNamespace } from './cluster.ts'
import * as sample from './manifests.ts'
import { moved, settled, smallProject, stored, type Manifest, type Small } from './small.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

export const settings = (value: string): Manifest => sample.configMap('settings', { level: value })
export const BASE = [settings('1'), sample.web()]

export async function deployed(prefix: string, helm: 3 | 4 = 4, objects: readonly Manifest[] = BASE): Promise<Small> {
  const small = await smallProject(freshNamespace(prefix), helm, objects)
  const { status, report } = await small.deploy()
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
  return small
}

/** A deploy that is refused, and after which every object is as before. */
export async function refused(small: Small, code: string, ...flags: string[]): Promise<DeployReport> {
  const before = await settled(small.namespace)
  const { status, report } = await small.deploy(...flags)
  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 3,
    outcome: 'refused',
    code,
  })
  expect(moved(before, await stored(small.namespace))).toEqual({})
  return report
}
