import { expect } from '@jest/globals'
import { forgeHere, freshNamespace, snapshot } from './cluster.ts'
import { document } from './forge.ts'
import { evidenceIn } from './evidence.ts'
import { failingProject, type TestProject } from './project.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

/** What a deploy of examples/failures with this failure has to say. */
export interface Told {
  /** A name of its values.yaml. */
  readonly failure: string
  readonly code: string
  readonly message: RegExp
  /** The chain with the generated parts of names left out: `Pod/web-*`. */
  readonly chain: readonly string[]
  /** Step that failed. */
  readonly stage: 'schema' | 'web'
  /** Lines that a log of the evidence must hold, by the file's name without the pod's: `web.previous.log`. */
  readonly logs?: Readonly<Record<string, string>>
  /** What the events of the evidence must tell. */
  readonly event: string
  readonly flags?: readonly string[]
  /** An object whose state belongs to the evidence: the beginning of its file's name. */
  readonly object?: string
}

/** For failures that only the end of a stage's time tells. */
export const SHORT = { flags: ['--timeout', '4s'] } as const

/** Fails as the first deploy of its namespace: everything stays, exit status 5. */
export async function failsFirst(told: Told): Promise<void> {
  const project = await failingProject(freshNamespace('first'))
  const { status, report } = await deploy(project, told.failure, ...(told.flags ?? []))
  expect({ status, outcome: report.outcome }).toEqual({ status: 5, outcome: 'failed' })
  await expectTold(told, report)
}

/** Fails in a namespace where all was well: every object is as before, exit status 4. */
export async function failsLater(told: Told): Promise<void> {
  const namespace = freshNamespace('later')
  const project = await failingProject(namespace)
  const good = await deploy(project, 'none')
  expect({ status: good.status, verdict: good.report.verdict }).toEqual({ status: 0, verdict: null })
  const before = await snapshot(namespace)

  const { status, report } = await deploy(project, told.failure, ...(told.flags ?? []))

  expect({ status, outcome: report.outcome }).toEqual({ status: 4, outcome: 'restored' })
  await expectTold(told, report)
  expect(await snapshot(namespace)).toEqual(before)
}

export async function deploy(
  { dir }: TestProject,
  failure: string,
  ...more: readonly string[]
): Promise<{ readonly status: number | undefined; readonly report: DeployReport }> {
  const ran = await forgeHere(['deploy', '-C', dir, '--json', '--set', `failure=${failure}`, ...more])
  return { status: ran.status, report: document<DeployReport>(ran) }
}

async function expectTold(told: Told, { verdict, steps, evidence }: DeployReport): Promise<void> {
  expect({ code: verdict?.code, chain: verdict?.chain.map(plain), failed: failedSteps(steps) }).toEqual({
    code: told.code,
    chain: told.chain,
    failed: [told.stage],
  })
  expect(verdict?.message).toMatch(told.message)
  expect(verdict?.hint).not.toBe('')
  const found = await evidenceIn(evidence ?? '')
  expect(found['verdict.txt']).toContain(verdict?.message)
  expect(found['events.txt']).toContain(told.event)
  const names = Object.keys(found)
  if (told.object !== undefined)
    expect(names).toContainEqual(expect.stringMatching(new RegExp(`^objects/${told.object}`, 'u')))
  for (const [file, line] of Object.entries(told.logs ?? {})) {
    const logs = names.filter((one) => one.startsWith('logs/') && one.endsWith(`.${file}`))
    expect({ wanted: `${file} with ${line}`, of: names, found: logs.map((name) => found[name]) }).toMatchObject({
      found: expect.arrayContaining([expect.stringContaining(line)]),
    })
  }
}

/** `ReplicaSet/web-5bdff7cc9` → `ReplicaSet/web-*`. */
function plain(link: string): string {
  return /^(?:ReplicaSet|Pod|Job)\//u.test(link) ? link.replace(/-.*$/u, '-*') : link
}

function failedSteps(steps: DeployReport['steps']): string[] {
  return steps.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
}
