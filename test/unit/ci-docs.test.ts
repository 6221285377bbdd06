import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { ciBlocks, ciPage } from '../support/ci-docs.ts'
import { commandClasses } from '../support/commands.ts'
import { ROOT } from '../support/forge.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly with?: Readonly<Record<string, string>>
}

interface Workflow {
  readonly on: unknown
  readonly permissions?: unknown
  readonly concurrency?: { readonly 'cancel-in-progress'?: boolean }
  readonly jobs: Readonly<Record<string, { readonly 'timeout-minutes'?: number; readonly steps: readonly Step[] }>>
}

const blocks = ciBlocks.map((text) => parse(text) as unknown)
const workflows = blocks.filter((one): one is Workflow => typeof one === 'object' && one !== null && 'jobs' in one)
const action = parse(await readFile(join(ROOT, 'action.yml'), 'utf8')) as Record<
  'inputs' | 'outputs',
  Readonly<Record<string, unknown>>
>
const stepsOf = (workflow: Workflow): Step[] => Object.values(workflow.jobs).flatMap(({ steps }) => [...steps])
const forge = ({ uses = '' }: Step): boolean => uses.startsWith('api-forge/forge@')

test('the workflows give forge inputs that it has, say what they may do, and end', () => {
  expect(workflows).toHaveLength(4)
  for (const workflow of workflows) {
    expect(workflow.permissions).toMatchObject({ contents: 'read' })
    expect(JSON.stringify(workflow.on)).not.toContain('pull_request_target')
    expect(Object.values(workflow.jobs).every((job) => (job['timeout-minutes'] ?? 0) > 0)).toBe(true)
    const given = stepsOf(workflow)
      .filter(forge)
      .flatMap((step) => Object.keys(step.with ?? {}))
    expect(given.filter((name) => !(name in action.inputs))).toEqual([])
    for (const { run = '', uses = '', with: options } of stepsOf(workflow)) {
      expect(run).not.toContain('${{')
      if (uses.startsWith('actions/checkout@')) expect(options?.['persist-credentials']).toBe(false)
    }
  }
})

test('what deploys is never cancelled for a newer one, and recovers where it is', () => {
  const deploying = workflows.filter((one) => stepsOf(one).some((step) => forge(step) && !step.with?.['command']))
  expect(deploying).toHaveLength(1)
  for (const workflow of deploying) {
    expect(workflow.concurrency?.['cancel-in-progress']).toBe(false)
    for (const { steps } of Object.values(workflow.jobs))
      if (steps.some((step) => forge(step) && !step.with?.['command']))
        expect(steps.find((step) => step.if === 'cancelled()')?.with?.['command']).toBe('recover')
  }
})

test('the page has every input and every output of the action', () => {
  for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)])
    expect(ciPage).toContain(`\`${name}\``)
})

interface GitLabJob {
  readonly extends?: string
  readonly stage?: string
  readonly needs?: readonly string[]
  readonly interruptible?: boolean
  readonly resource_group?: string
  readonly environment?: { readonly name: string }
  readonly script?: readonly string[]
  readonly after_script?: readonly string[]
}

type GitLabFile = Readonly<Record<string, GitLabJob>> & { readonly stages: readonly string[] }

test('the jobs for GitLab name what is there, wait for each other, are not interrupted, and recover', () => {
  const [file] = blocks.filter((one): one is GitLabFile => typeof one === 'object' && one !== null && 'stages' in one)
  const { stages, ...all } = file ?? ({ stages: [] } as unknown as GitLabFile)
  const jobs = Object.entries(all)
  expect(jobs.map(([name]) => name)).toEqual(['.forge', 'plan', 'rehearse', 'staging', 'prod-plan', 'prod'])
  expect(all['.forge']?.interruptible).toBe(false)
  for (const [name, job] of jobs.filter(([one]) => !one.startsWith('.'))) {
    expect({ name, template: job.extends }).toEqual({ name, template: '.forge' })
    expect(stages).toContain(job.stage)
    for (const need of job.needs ?? []) expect(all).toHaveProperty(need)
    const deploys = (job.script ?? []).some((line) => line.includes('forge deploy'))
    if (!deploys) continue
    expect(job.environment?.name).toBe(job.resource_group)
    expect(job.after_script?.join('\n')).toContain(`forge recover --env ${job.environment?.name ?? ''}`)
  }
})

test('every line that starts forge has a command and flags that forge has', async () => {
  const commands = await commandClasses()
  const called =
    ciPage.match(/(?<=[\s[`])forge (?:deploy|plan|recover|rehearse|rbac|status|validate)\b[^\n;\]`)|]*/gu) ?? []
  expect(called.length).toBeGreaterThan(8)
  const unknown = called.flatMap((line) => {
    const [, command = ''] = line.split(' ')
    const { flags = {}, baseFlags = {} } = commands.get(command) ?? {}
    const known = new Set([
      '--json',
      ...[flags, baseFlags as object].flatMap((one) => Object.keys(one)).map((one) => `--${one}`),
    ])
    return (line.match(/(?<=\s)--[\w-]+/gu) ?? []).filter((flag) => !known.has(flag)).map((flag) => `${line}: ${flag}`)
  })
  expect(unknown).toEqual([])
})
