import type { Problem } from '../config/position.ts'
import { chartOf } from './chart.ts'
import type { Detected, InitPlan, NewFile, Workload } from './model.ts'
import { forgeFile } from './forge-file.ts'
import { kustomizedChart } from './kustomized.ts'
import { nameOf } from './names.ts'
import { ownSecrets, SECRETS_FILE, secretsText } from './secrets-file.ts'

/** Where a chart goes that there was none of. */
export const CHART = 'chart'

export interface Answers {
  readonly project: string
  readonly namespace: string
  readonly context?: string | undefined
}

/** forge.yaml, a chart of workloads, and where secrets stood among other things a file for them. */
export function planOfWorkloads(
  answers: Answers,
  workloads: readonly Workload[],
  given: { readonly warnings: readonly Problem[]; readonly hasIgnoreFile: boolean; readonly isSample?: boolean },
): InitPlan {
  const { project } = answers
  const releases = [{ name: project, chart: `./${CHART}` }]
  const verify = given.isSample === true ? { verify: { service: 'web', port: 8080 } } : {}
  const lines = ownSecrets(workloads)
  const { text, unquotable } = secretsText(lines)
  const hidden: NewFile[] =
    lines.length === 0
      ? []
      : [
          { path: SECRETS_FILE, text, about: 'secrets of the compose file', isPrivate: true },
          ...(given.hasIgnoreFile
            ? []
            : [{ path: '.gitignore', text: `${SECRETS_FILE}\n`, about: 'keeps it out of git' }]),
        ]
  const odd = `the value of ${unquotable ?? ''} cannot be written into a dotenv file: put it into ${SECRETS_FILE} yourself`
  return {
    files: [
      ...chartOf(CHART, project, workloads),
      ...hidden,
      forgeFile({ ...answers, releases, workloads, ...verify }),
    ],
    warnings: [...given.warnings, ...(unquotable === undefined ? [] : [{ message: odd }])],
  }
}

/** Charts that are there: a release each, by the name of the chart. */
export function planOfCharts(answers: Answers, charts: Detected['charts']): InitPlan {
  const names = charts.map(({ name }) => nameOf(name))
  const releases = charts.map(({ folder, name }, at) => {
    const isOnly = names.filter((one) => one === names[at]).length === 1
    return { name: isOnly ? nameOf(name) : nameOf(folder), chart: folder === '' ? '.' : `./${folder}` }
  })
  return { files: [forgeFile({ ...answers, releases, workloads: [] })], warnings: [] }
}

export function planOfKustomization(answers: Answers, folder: string, manifest: string): InitPlan {
  const source = folder === '' ? '.' : folder.replaceAll(/\s+/gu, ' ')
  const chart = kustomizedChart(manifest, source, CHART, answers.project)
  const notes = [
    `The chart is what kustomize makes of ${source}, one file for each object. Where that runs already, it is taken over`,
    `in place: \`forge migrate-to-helm --env ENV --from ${source}\`.`,
  ]
  const releases = [{ name: answers.project, chart: `./${CHART}` }]
  return { ...chart, files: [...chart.files, forgeFile({ ...answers, releases, workloads: [], notes })] }
}
