import type { Permission } from '../../domain/access/permissions.ts'
import type { Group, Line } from '../../domain/doctor/model.ts'
import type { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Finding, Refusal } from '../phases/findings.ts'
import type { Basis, Place } from './check-list.ts'

/** Codes of what no check finds, but the step itself. */
const GROUPS_BY_CODE: readonly (readonly [RegExp, Group])[] = [
  [/^E_(?:TOOL|HELM)_/u, 'tools'],
  [/^E_(?:CLUSTER|KUBECONFIG|CONTEXT)_/u, 'access'],
  [/^E_FORBIDDEN$/u, 'rights'],
  [/^E_NAMESPACE_/u, 'namespace'],
  [/^E_(?:CLAIM|STORAGE)_/u, 'storage'],
  [/^E_IMAGE_/u, 'images'],
]

/** All that the checks of a run have found, as lines. */
export class Collected {
  readonly #places: ReadonlyMap<unknown, Place>
  readonly #environment: string
  readonly #lines: Line[] = []
  /** By purpose and namespace: the checks of several steps find the same. */
  readonly #lacking = new Map<string, Map<string, Set<string>>>()
  /** What checks found nothing wrong with, by what. */
  readonly #well: { readonly line: Line; readonly by: readonly Basis[] }[] = []
  readonly #unseen = new Set<Basis>()

  constructor(places: ReadonlyMap<unknown, Place>, environment: string) {
    this.#places = places
    this.#environment = environment
  }

  hear(findings: readonly Finding[], by: unknown): void {
    const place = this.#places.get(by)
    for (const one of findings) {
      const basis = place === undefined || place.group === 'namespace' ? unseenBy(one) : []
      basis.forEach((unseen) => this.#unseen.add(unseen))
      this.#hearOne(one, place)
    }
    if (findings.length > 0 || place?.well === undefined) return
    const line = { group: place.group, mark: 'ok', text: place.well, isBrief: true } as const
    this.#well.push({ line, by: place.by ?? [] })
  }

  /** Forge could not say what its own secrets hold: what pods lack of them is no finding then. */
  withoutSecrets(): void {
    this.#unseen.add('secrets')
  }

  /** What ended a step: nothing after it was looked at. */
  refused(error: ForgeError, group = groupOf(error)): void {
    const { hint, message, code, details } = error
    if (code === 'E_SECRET_MISSING' && this.#unseen.has('secrets')) return
    const [, ...others] = details.problems ?? []
    const base = { group, mark: 'problem', code } as const
    // The message counts those that follow, each in a line of its own here.
    const text = others.length === 0 ? message : message.replace(/ \(and \d+ more\)$/u, '')
    this.add({ ...base, text, ...partsOf({ ...details, hint }) })
    for (const { message: also, ...more } of others) {
      const at = more.where === undefined || also.includes(more.where) ? '' : `${more.where}: `
      this.add({ ...base, text: `${at}${also}`, ...partsOf({ hint, ...more }) })
    }
  }

  add(line: Line): void {
    if (!this.#lines.some(({ mark, text }) => mark === line.mark && text === line.text)) this.#lines.push(line)
  }

  lines(): Line[] {
    const rights = [...this.#lacking].map(([title, byResource]): Line => {
      const shown = [...byResource].map(([resource, verbs]) => `${resource} (${[...verbs].join(', ')})`).join(', ')
      const [purpose = ''] = title.split(' ')
      const flags = purpose === 'plan' ? ['--for', 'plan'] : []
      const hint = forge('rbac', '--env', this.#environment, ...flags)
      const text = `for a ${title} you may not: ${shown}`
      return { group: 'rights', mark: 'problem', code: 'E_FORBIDDEN', text, hint }
    })
    const well = this.#well.filter(({ by }) => !by.some((one) => this.#unseen.has(one))).map(({ line }) => line)
    return [...this.#lines, ...rights, ...well]
  }

  #hearOne(finding: Finding, place: Place | undefined): void {
    const group = place?.group ?? 'project'
    switch (finding.kind) {
      case 'refuse':
        if (finding.lacking !== undefined) this.#lack(finding.lacking, finding.inPlan === undefined ? 'plan' : 'deploy')
        // The rights that lack are told as such; this is what could not be seen for lack of them.
        else if (place === undefined && finding.error.code === 'E_FORBIDDEN')
          this.add({ group, mark: 'unchecked', text: finding.error.message })
        else this.refused(finding.error, place?.group)
        break
      case 'warn':
        this.add({ group, mark: 'warning', text: finding.text, ...partsOf(finding) })
        break
      case 'unchecked':
      case 'passed-over':
        this.add({ group, mark: 'unchecked', text: unknownText(finding, place) })
        break
      case 'found':
        this.add({ group, mark: 'ok', text: finding.text })
    }
  }

  #lack({ namespace, permissions }: NonNullable<Refusal['lacking']>, purpose: 'plan' | 'deploy'): void {
    const title = `${purpose} in ${namespace === undefined ? 'the cluster' : `namespace ${namespace}`}`
    const known = this.#lacking.get(title) ?? new Map<string, Set<string>>()
    this.#lacking.set(title, known)
    for (const one of permissions) {
      const what = whatOf(one)
      known.set(what, (known.get(what) ?? new Set<string>()).add(one.verb))
    }
  }
}

function whatOf({ group, resource, name, url }: Permission): string {
  if (url !== undefined) return url
  return `${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` ${name}`}`
}

function groupOf({ code }: ForgeError): Group {
  return GROUPS_BY_CODE.find(([pattern]) => pattern.test(code))?.[1] ?? 'project'
}

function partsOf({ hint, where }: Pick<Line, 'hint' | 'where'>): Pick<Line, 'hint' | 'where'> {
  return { ...(hint === undefined ? {} : { hint }), ...(where === undefined ? {} : { where }) }
}

/** Of a check that could not look at all, what it is about is known here. */
function unknownText({ what, why }: { readonly what: string; readonly why: string }, place: Place | undefined): string {
  const shown = what === '' ? (place?.well ?? 'something') : what
  return why === '' ? shown : `${shown}: ${why}`
}

/** What no check, but a step could not read; and whether a namespace is there. */
function unseenBy(finding: Finding): readonly Basis[] {
  if (finding.kind === 'passed-over') return ['namespace']
  if (finding.kind === 'refuse') return finding.error.code === 'E_FORBIDDEN' ? ['live'] : []
  if (finding.kind !== 'unchecked') return []
  return /^(?:which deploy|helm's records)/u.test(finding.what) ? ['records', 'live'] : ['live']
}
