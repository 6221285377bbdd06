import type { NewFile, SecretFrom, Workload } from './model.ts'
import { secretName } from './chart-template.ts'
import { valueName } from './names.ts'
import { SECRETS_FILE } from './secrets-file.ts'

export interface ForgeFile {
  readonly project: string
  readonly namespace: string
  /** A second environment, by a context of the kubeconfig. */
  readonly context?: string | undefined
  readonly releases: readonly { readonly name: string; readonly chart: string }[]
  readonly workloads: readonly Workload[]
  /** Lines before `releases`, that say where they come from. */
  readonly notes?: readonly string[]
  readonly verify?: { readonly service: string; readonly port: number }
}

/** forge.yaml, with a word on each part. */
export function forgeFile(given: ForgeFile): NewFile {
  const { project, workloads } = given
  const text = [
    `# What forge deploys, where to, and how it knows that all is well. \`forge validate\` checks this file,
# \`forge schema\` prints all that may stand in it.
version: 1
project: ${project}
defaultEnvironment: sandbox
`,
    environments(given),
    releases(given),
    images(workloads),
    secrets(workloads),
    `# Without stages a deploy waits for all that the charts render. To wait in an order, or longer:
# stages:
#   first: { wait: [Deployment/NAME], timeout: 5m }
`,
    verify(given),
  ]
  return { path: 'forge.yaml', text: text.filter((part) => part !== '').join('\n'), about: 'the project' }
}

function environments({ project, namespace, context }: ForgeFile): string {
  const own = namespace === project ? '' : `, namespace: ${namespace}`
  const example = `  # prod: { cluster: { context: CONTEXT }, namespace: ${namespace}, protected: true }`
  const prod = `  prod: { cluster: { context: ${word(context ?? '')} }, namespace: ${namespace}, protected: true }`
  return `environments:
  # A control plane on this machine, whose pods are simulated: nothing can break there.
  sandbox: { cluster: sandbox${own} }
  # A cluster of the kubeconfig (\`kubectl config get-contexts\`); protected: it asks before it writes.
${context === undefined ? example : prod}
`
}

function releases({ releases: all, workloads, notes = [] }: ForgeFile): string {
  const lines = all.flatMap(({ name, chart }) => {
    const maps = workloads.flatMap(({ envFiles }) => envFiles)
    if (maps.length === 0) return [`  ${name}: { chart: ${word(chart)} }`]
    return [
      `  ${name}:`,
      `    chart: ${word(chart)}`,
      '    # Read anew in each deploy; what looks like a secret stays out.',
      '    configMaps:',
      ...maps.map(({ configMap, file, omit }) => {
        const left = omit.length === 0 ? '' : `, omit: [${omit.map(word).join(', ')}]`
        return `      ${configMap}: { dotenv: ${word(file)}${left} }`
      }),
    ]
  })
  return `${[...notes.map((note) => `# ${note}`), 'releases:', ...lines].join('\n')}\n`
}

function images(workloads: readonly Workload[]): string {
  const built = workloads.filter(({ build }) => build !== undefined)
  if (built.length === 0) return ''
  const lines = built.flatMap(({ name, build }) => {
    const how =
      build === undefined
        ? ''
        : 'compose' in build
          ? `compose: ${word(build.compose)}, service: ${word(build.service)}`
          : `context: ${word(build.context)}`
    return [
      `  ${name}:`,
      `    build: { ${how} }`,
      `    # repository: REGISTRY/${name} # where it is pushed to, and nodes pull it from; a sandbox needs none`,
      `    to: ${valueName(name)}.image`,
    ]
  })
  return `# Built in each deploy to a cluster with real nodes, by a tag of their sources.\n${['images:', ...lines].join('\n')}\n`
}

function secrets(workloads: readonly Workload[]): string {
  const lines = workloads.flatMap(({ name, secretEnv, secretFiles }) => [
    ...secretLines(secretName(name), secretEnv),
    ...secretLines(secretName(name, 'files'), secretFiles),
  ])
  if (lines.length === 0) return ''
  return `# Where secrets are read from; their values stand neither here nor in the chart.\n${['secrets:', ...lines].join('\n')}\n`
}

function secretLines(name: string, keys: Readonly<Record<string, SecretFrom>>): string[] {
  const entries = Object.entries(keys)
  if (entries.length === 0) return []
  return [`  ${name}:`, '    files:', ...entries.map(([key, from]) => `      ${word(key)}: ${source(from)}`)]
}

function source(from: SecretFrom): string {
  switch (from.kind) {
    case 'dotenv':
      return `{ dotenv: ${word(from.file)}, name: ${word(from.name)} }`
    case 'env':
      return `{ env: ${word(from.name)} }`
    case 'file':
      return `{ file: ${word(from.file)}, trim: none }`
    case 'own':
      return `{ dotenv: ${SECRETS_FILE}, name: ${word(from.name)} }`
  }
}

function verify({ verify: check }: ForgeFile): string {
  if (check !== undefined)
    return `# Asked at the end of each deploy.\nverify:\n  - http: { service: ${check.service}, port: ${check.port}, path: / }\n`
  return `# To ask something at the end of each deploy:
# verify:
#   - http: { service: NAME, port: 80, path: /health }
`
}

/** Plain where any reader of YAML takes it for a text. */
export function word(text: string): string {
  const isPlain =
    /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z./][\w./-]*$/iu.test(text) && !/^[./]\d/u.test(text)
  return isPlain ? text : JSON.stringify(text)
}
