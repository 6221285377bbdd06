import { calledAt } from '../domain/kube.ts'
import type { PlanDocument } from '../domain/plan/document.ts'
import { markdownBlock, markdownCode as code, markdownText as text } from './markdown.ts'
import { sentence } from './plan-end.ts'
import { fieldRows } from './plan-fields.ts'
import { planSections } from './plan-sections.ts'
import { MARKS, noteOf, type PlanScreen } from './plan.ts'

/** For a pull request's comment or a job's summary: a table of what changes, and the rest as a list. */
export function planMarkdown(plan: PlanDocument, screen: Pick<PlanScreen, 'full' | 'now'>): string[] {
  const { cluster, namespace } = plan
  const rows = plan.objects
    .filter(({ action }) => action !== 'unchanged')
    .map((object) => {
      const fields = fieldRows(object, screen.full).map(
        ({ field, text: what, at }) => `${code(field)} ${text(what)}${at === undefined ? '' : ` (${code(at)})`}`,
      )
      const note = noteOf(object, fields, plan.losses) ?? object.notChecked
      const what = [...fields, ...(note === null ? [] : [text(note)])].join('<br>')
      return `| ${MARKS[object.action]} | ${code(calledAt(object.object, object.ref.namespace, namespace))} | ${what} |`
    })
  const secrets = plan.secrets
    .filter(({ action }) => action === 'create' || action === 'change')
    .map(
      ({ name, action, keys }) =>
        `| ${MARKS[action]} | ${code(`Secret/${name}`)} | ${keys.map(code).join(', ')} (values not shown) |`,
    )
  const unchanged = plan.objects.filter(({ action }) => action === 'unchanged').length
  return [
    planTitle(plan),
    '',
    `cluster ${code(cluster)}, namespace ${code(namespace)}. **${sentence(plan)}** ${unchanged} unchanged.`,
    ...(rows.length + secrets.length === 0
      ? []
      : ['', '| | object | what changes |', '|---|---|---|', ...rows, ...secrets]),
    ...details(planSections(plan, { ...screen, width: undefined })),
  ]
}

/** Also of what stands in the place of a plan. */
export function planTitle({ project, environment }: Pick<PlanDocument, 'project' | 'environment'>): string {
  return `### ${text(project)} → ${text(environment)}`
}

function details(sections: readonly string[]): string[] {
  return sections.length === 0 ? [] : ['', ...markdownBlock(sections)]
}
