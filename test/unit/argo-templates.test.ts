import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse, parseAllDocuments } from 'yaml'

// k8s/argo without Argo: what its own lint does not look at. `argo lint` itself is in test/real/argo.test.ts.
const DIR = new URL('../../k8s/argo/', import.meta.url).pathname

interface Named {
  readonly name: string
  readonly value?: string
}
interface SecurityContext {
  readonly privileged?: boolean
  readonly runAsNonRoot?: boolean
  readonly allowPrivilegeEscalation?: boolean
  readonly readOnlyRootFilesystem?: boolean
  readonly capabilities?: { readonly drop: readonly string[] }
}
interface Container {
  readonly name?: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly Named[]
  readonly securityContext?: SecurityContext
  readonly resources?: unknown
}
interface Step extends Named {
  readonly template?: string
  readonly templateRef?: { readonly name: string; readonly template: string }
  readonly arguments?: { readonly parameters: readonly Named[] }
}
interface Template {
  readonly name: string
  readonly serviceAccountName?: string
  readonly inputs?: { readonly parameters: readonly Named[]; readonly artifacts?: readonly unknown[] }
  readonly outputs?: { readonly parameters: readonly Named[] }
  readonly steps?: readonly (readonly Step[])[]
  readonly container?: Container
  readonly initContainers?: readonly Container[]
  readonly securityContext?: SecurityContext
}
interface WorkflowTemplate {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly entrypoint?: string
    readonly onExit?: string
    readonly arguments?: { readonly parameters: readonly Named[] }
    readonly templates: readonly Template[]
    readonly podGC?: unknown
    readonly ttlStrategy?: unknown
    readonly activeDeadlineSeconds?: number
    readonly synchronization?: unknown
  }
}

const { resources } = parse(readFileSync(join(DIR, 'kustomization.yaml'), 'utf8')) as { readonly resources: string[] }
const objects = resources.flatMap((file) =>
  parseAllDocuments(readFileSync(join(DIR, file), 'utf8')).map((one) => one.toJS() as WorkflowTemplate),
)
const workflows = objects.filter(({ kind }) => kind === 'WorkflowTemplate')
const all = workflows.flatMap(({ metadata, spec }) =>
  spec.templates.map((template) => ({ of: metadata.name, title: `${metadata.name}/${template.name}`, spec, template })),
)
const withContainers = all.filter(({ template }) => template.container !== undefined)
const containersOf = ({ container, initContainers = [] }: Template): Container[] => [
  ...initContainers,
  ...(container === undefined ? [] : [container]),
]

test('every file is part of the kustomization', () => {
  expect(globSync('*.yaml', { cwd: DIR }).sort()).toEqual([...resources, 'kustomization.yaml'].sort())
})

describe.each(all.map((one) => [one.title, one] as const))('%s', (_, { of, spec, template }) => {
  const steps = (template.steps ?? []).flat()

  test('calls templates that are there, with exactly what they ask for', () => {
    for (const step of steps) {
      const wanted = step.templateRef ?? { name: of, template: step.template ?? '' }
      const found = all.find(({ title }) => title === `${wanted.name}/${wanted.template}`)
      const given = (step.arguments?.parameters ?? []).map(({ name }) => name)
      expect({ step: step.name, given: given.sort() }).toEqual({
        step: step.name,
        given: (found?.template.inputs?.parameters ?? []).map(({ name }) => name).sort(),
      })
    }
  })

  test('names parameters and steps that it has', () => {
    const text = JSON.stringify(template)
    const uses = (pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))]
    const names = (list: readonly Named[] = []): string[] => list.map(({ name }) => name)
    expect(names(template.inputs?.parameters)).toEqual(
      expect.arrayContaining(uses(/\{\{inputs\.parameters\.([\w-]+)\}\}/gu)),
    )
    expect(names(spec.arguments?.parameters)).toEqual(
      expect.arrayContaining(uses(/\{\{workflow\.parameters\.([\w-]+)\}\}/gu)),
    )
    expect(names(steps)).toEqual(expect.arrayContaining(uses(/\{\{steps\.([\w-]+)\./gu)))
  })
})

describe.each(withContainers.map((one) => [one.title, one.template] as const))('the pod of %s', (_, template) => {
  test('says whose rights it has, and what it needs', () => {
    expect(['forge-deploy', 'forge-build']).toContain(template.serviceAccountName)
    for (const { resources } of containersOf(template))
      expect(resources).toMatchObject({ requests: { cpu: expect.anything() }, limits: { memory: expect.anything() } })
  })

  test('is nobody in particular, and cannot write into its image; but for the builders', () => {
    for (const { name, securityContext } of containersOf(template)) {
      const { runAsNonRoot = template.securityContext?.runAsNonRoot, ...own } = securityContext ?? {}
      if (name === 'dockerd') expect(own).toMatchObject({ privileged: true })
      else expect(runAsNonRoot).toBe(true)
      if (name === 'dockerd' || name === 'buildkitd') continue
      expect(own).toMatchObject({
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      })
    }
  })

  test('names its command; no parameter is part of a script or of an argument', () => {
    for (const { command = [], args = [] } of containersOf(template)) {
      expect(command).not.toEqual([])
      expect([...command, ...args].join(' ')).not.toContain('{{')
    }
  })

  test('has no value of a secret in its variables, but all of a Secret that forge.yaml names', () => {
    const values = containersOf(template).flatMap(({ env = [] }) => env.map(({ value = '' }) => value))
    // What names a Secret goes where Kubernetes reads it: volumes, envFrom, the keys of git.
    expect(values.filter((value) => /secret|password|token/iu.test(value))).toEqual([])
  })
})

describe.each(
  workflows.filter(({ spec }) => spec.entrypoint !== undefined).map((one) => [one.metadata.name, one.spec] as const),
)('a workflow of %s', (_, spec) => {
  test('ends, goes, and leaves pods that failed for their logs', () => {
    expect(spec).toMatchObject({
      ...{ podGC: { strategy: 'OnPodSuccess' }, activeDeadlineSeconds: expect.any(Number) },
      ttlStrategy: { secondsAfterSuccess: expect.any(Number), secondsAfterFailure: expect.any(Number) },
    })
    const known = spec.templates.map(({ name }) => name)
    for (const one of [spec.entrypoint, spec.onExit]) if (one !== undefined) expect(known).toContain(one)
  })

  test('deploys under the semaphore of its environment, and concludes', () => {
    const deploys = JSON.stringify(spec.templates).includes('"template":"run"')
    const semaphore = { name: 'forge-environments', key: '{{workflow.parameters.env}}' }
    expect({ onExit: spec.onExit, synchronization: spec.synchronization }).toEqual(
      deploys
        ? { onExit: 'ended', synchronization: { semaphores: [{ configMapKeyRef: semaphore }] } }
        : { onExit: undefined, synchronization: undefined },
    )
  })
})
