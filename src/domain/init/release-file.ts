import { exported, helm, hintLine, saved, type Hint, type HintPlace } from '../../hint.ts'
import { showValuePath, type ValuePath } from '../config/value-path.ts'
import { valueTemplate, type MovedValue } from './kept-values.ts'
import { word } from './forge-file.ts'
import type { NewFile } from './model.ts'

/** The project of one release that runs. */
export interface ReleaseFile {
  readonly project: string
  readonly environment: string
  readonly namespace: string
  readonly context: string | undefined
  /** Of the cluster: of its namespace kube-system. */
  readonly uid: string | undefined
  readonly release: string
  readonly revision: number
  readonly chart: string
  /** Undefined: nobody gave helm any. */
  readonly values: string | undefined
  readonly moved: readonly MovedValue[]
  /** Whole numbers, which no file can give helm as such. */
  readonly numbers: readonly { readonly path: ValuePath; readonly digits: string }[]
  readonly ignoreVolatile: boolean
  /** Numbers among `moved` are given as texts, too. */
  readonly asTexts: boolean
}

/** In a file that others read nothing is said of this machine. */
const ANYWHERE: HintPlace = { typed: [], given: {}, cluster: undefined, helm: undefined, conceals: () => false }

export function releaseFile(given: ReleaseFile): NewFile {
  const { project, environment, namespace, release, revision, chart, values, ignoreVolatile } = given
  const lines = [
    `# Release ${release} as it ran in namespace ${namespace} (revision ${revision}), by \`forge init --from-release\`. \`forge validate\``,
    '# checks this file, `forge schema` prints all that may stand in it.',
    'version: 1',
    `project: ${project}`,
    '',
    'environments:',
    '  # Protected: it asks before it writes. The first deploy takes the release over: `--adopt`.',
    `  ${environment}: { ${clusterOf(given)}namespace: ${word(namespace)}, protected: true }`,
    '  # A control plane on this machine, whose pods are simulated, to try things out:',
    '  # sandbox: { cluster: sandbox }',
    '',
    'releases:',
    `  ${word(release)}:`,
    `    chart: ${word(chart)}`,
    ...(values === undefined ? [] : [`    values: [${values}]`]),
    ...(ignoreVolatile
      ? ['    # The chart makes something anew in each render: that stays as it is.', '    ignoreVolatile: true']
      : []),
    ...settings(given),
  ]
  return { path: 'forge.yaml', text: `${lines.join('\n')}\n`, about: 'the project' }
}

function clusterOf({ context, uid }: ReleaseFile): string {
  const named = context === undefined ? [] : [`context: ${word(context)}`]
  const told = [...named, ...(uid === undefined ? [] : [`uid: ${word(uid)}`])]
  return told.length === 0 ? '' : `cluster: { ${told.join(', ')} }, `
}

function settings({ release, namespace, moved, numbers, asTexts }: ReleaseFile): string[] {
  const secrets = moved.flatMap((one) => {
    const { path, from, isText } = one
    const source = 'env' in from ? `env: ${from.env}` : `file: ${from.file}, trim: none`
    return [
      `      # ${hintLine(fetching(one, release, namespace), ANYWHERE)}`,
      `      ${JSON.stringify(showValuePath(path))}: { ${source}${isText || asTexts ? ', as: string' : ''} }`,
    ]
  })
  const whole = numbers.map(({ path, digits }) => `      ${JSON.stringify(showValuePath(path))}: ${digits}`)
  return [
    ...(secrets.length + whole.length === 0 ? [] : ['    set:']),
    ...(secrets.length === 0
      ? []
      : ['      # They look like secrets, and stand in no file. The release itself still has them:']),
    ...secrets,
    ...(whole.length === 0 ? [] : ['      # Numbers that a file would hand to the chart as fractions:']),
    ...whole,
  ]
}

/** The command that gets the value where forge.yaml reads it. */
export function fetching(moved: MovedValue, release: string, namespace: string): Hint {
  const { from } = moved
  const get = helm(['get', 'all', release, '--template', valueTemplate(moved)], namespace)
  return 'env' in from ? exported(from.env, get) : saved(from.file, get)
}
