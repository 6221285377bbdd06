import type { ChartRef, ChartTraits } from '../../charts-port.ts'
import type { VaryingCall } from '../../domain/plan/volatile.ts'
import { actionsIn, LOOKUP } from '../../domain/helm/template.ts'
import { loadHelmYaml, splitDocuments } from '../../domain/manifest/yaml.ts'
import { chartContent } from './chart-content.ts'
import { unlessItFails } from '../../expected.ts'

export interface Traits extends ChartTraits {
  /** It may read the number of its revision, which `helm template` does not know. */
  readonly numbered: boolean
  /** What the definitions of its crds/ serve, in the form of `.Capabilities.APIVersions`: helm makes them before it renders. */
  readonly brings: readonly string[]
  /** It, or a chart within, has something in crds/. */
  readonly hasDefinitions: boolean
}

/** A chart that cannot be looked into may do all of it. */
const UNKNOWN: Traits = {
  looksUp: true,
  numbered: true,
  varies: true,
  asksForApis: true,
  brings: [],
  calls: [],
  lookups: [],
  hasDefinitions: true,
}

/** Of the template functions (https://helm.sh/docs/chart_template_guide/function_list/): time, chance, another order each time. */
const VARYING =
  /(?<![.$\w])(?:now|ago|date|dateInZone|htmlDate|htmlDateInZone|rand[A-Z]\w*|uuidv4|shuffle|gen(?:PrivateKey|CA|CAWithKey|SelfSignedCert|SelfSignedCertWithKey|SignedCert|SignedCertWithKey)|htpasswd|bcrypt|encryptAES|(?:keys|values)(?!.*sortAlpha))(?!\w)/su
/** By its name, or with the whole of `.Release` written out. */
const NUMBERED = /Revision|(?:toYaml|toJson|toPrettyJson|print|printf|values|range)\b.*\.Release(?![.\w])/su
const APIS = /\.APIVersions/u
/** As the API server itself says them, which may be `29+`. */
const VERSION_PARTS = /\.KubeVersion\.(?:Major|Minor)/u

/** Reads each chart once. */
export function traitsReader(): (chart: ChartRef, values: unknown) => Promise<Traits> {
  const known = new Map<string, ReturnType<typeof chartTraits>>()
  return async ({ chart }, values) => {
    const found = known.get(chart) ?? chartTraits(chart)
    known.set(chart, found)
    return (await found)(values)
  }
}

/** What the code inside `{{ }}` of a chart does. `chart`: a folder, a packed chart, or a reference that only helm can follow. */
export async function chartTraits(chart: string): Promise<(values: unknown) => Traits> {
  const texts = await unlessItFails(textsOf(chart), () => undefined)
  if (texts === undefined) return () => UNKNOWN
  const own = texts.flatMap(({ name, text }) => (isRendered(name) ? codeIn(text) : []))
  const definitions = texts.filter(({ name }) => isDefinition(name))
  const calls = texts.flatMap(({ name, text }) => (isRendered(name) ? callsIn(name, text, VARYING) : []))
  const lookups = texts.flatMap(({ name, text }) => (isRendered(name) ? callsIn(name, text, LOOKUP) : []))
  return (values) => {
    // A chart may take a value for a template (`tpl`).
    const traits = {
      ...traitsOf([...own, ...stringsIn(values).flatMap(codeIn)]),
      calls,
      lookups,
      hasDefinitions: definitions.length > 0,
    }
    return traits.asksForApis ? { ...traits, brings: definitions.flatMap(({ text }) => servedBy(text)) } : traits
  }
}

function traitsOf(actions: readonly string[]): Omit<Traits, 'calls' | 'lookups'> {
  const any = (pattern: RegExp): boolean => actions.some((action) => pattern.test(action))
  const looksUp = any(LOOKUP)
  return {
    looksUp,
    numbered: any(NUMBERED),
    varies: looksUp || any(VARYING) || any(VERSION_PARTS),
    asksForApis: any(APIS),
    brings: [],
    hasDefinitions: false,
  }
}

function codeIn(text: string): string[] {
  return actionsIn(text).map(({ code }) => code)
}

function callsIn(name: string, text: string, pattern: RegExp): VaryingCall[] {
  return actionsIn(text).flatMap(({ code, index }) => {
    const call = pattern.exec(code)?.[0].trim()
    // The order of keys is seldom what differs.
    if (call === undefined || call === 'keys' || call === 'values') return []
    return [{ file: name, line: text.slice(0, index).split('\n').length, call }]
  })
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

interface Definition {
  readonly spec?: {
    readonly group?: string
    readonly names?: { readonly kind?: string }
    readonly versions?: readonly { readonly name?: string; readonly served?: boolean }[]
  }
}

function servedBy(text: string): string[] {
  return splitDocuments(text).flatMap((document) => {
    const { group, names, versions = [] } = (loadHelmYaml(document).value as Definition | null | undefined)?.spec ?? {}
    const served = versions.filter((version) => version.served === true)
    return served.flatMap(({ name = '' }) => [`${group ?? ''}/${name}`, `${group ?? ''}/${name}/${names?.kind ?? ''}`])
  })
}

/** What is only said (notes, a README) reaches no object. */
function isRendered(name: string): boolean {
  return !isDefinition(name) && !/(?:^|\/)(?:\.[^./][^/]*\/|NOTES\.txt$)|\.md$/u.test(name)
}

/** No template (https://helm.sh/docs/chart_best_practices/custom_resource_definitions/). */
function isDefinition(name: string): boolean {
  return /^(?:charts\/[^/]+\/)*crds\//u.test(name)
}

interface Text {
  readonly name: string
  readonly text: string
}

async function textsOf(chart: string): Promise<Text[] | undefined> {
  const files = (await chartContent(chart))?.filter(({ name }) => isRendered(name) || isDefinition(name))
  return files?.map(({ name, data }) => ({ name, text: data.toString('utf8') }))
}
