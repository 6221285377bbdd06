import { expect } from '@jest/globals'
import { forgeHere } from './cluster.ts'
import { document } from './forge.ts'
import type { TestProject } from './tiny.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

export async function run(
  project: TestProject,
  command: string,
  ...flags: string[]
): Promise<{ status: number | undefined; report: DeployReport }> {
  const ran = await forgeHere([command, '-C', project.dir, '--env', 'sandbox', '--json', ...flags])
  return { status: ran.status, report: document<DeployReport>(ran) }
}

export async function deployed(project: TestProject, ...flags: string[]): Promise<void> {
  const { status, report } = await run(project, 'deploy', ...flags)
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
}
