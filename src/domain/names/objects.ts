import type { Check, ConfigMapSpec, PreservedField, SecretSpec } from '../config/model.ts'
import type { Component } from '../config/component.ts'
import { nearest, suggestion } from '../config/nearest.ts'
import type { Problem } from '../config/position.ts'
import { groupOf, nameOf, type KubeObject } from '../kube.ts'
import { configReferences } from '../manifest/config-references.ts'
import { secretReferences } from '../manifest/secret-references.ts'
import { select } from '../stages/stages.ts'

export interface Findings {
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** What the charts of a project render, and what they would with other values. */
export interface RenderedNames {
  /** Of all releases, hooks among them. */
  readonly objects: readonly KubeObject[]
  /** Some template makes it, and is switched off. */
  readonly isOff: (kind: string, name: string) => boolean
  /** All releases are rendered: what is not there will not come. */
  readonly complete: boolean
  /** Some chart cannot be looked into: whether it could make something is not known. */
  readonly closed: boolean
}

const NONE: Findings = { problems: [], warnings: [] }
const fault = (problem: Problem): Findings => ({ problems: [problem], warnings: [] })
const doubt = (problem: Problem): Findings => ({ problems: [], warnings: [problem] })

export function together(all: readonly Findings[]): Findings {
  return { problems: all.flatMap(({ problems }) => problems), warnings: all.flatMap(({ warnings }) => warnings) }
}

interface ServiceSpec {
  readonly type?: string
  readonly ports?: readonly { readonly name?: string; readonly port: number }[]
}

/** `live`: the Service where no chart renders it, but it is there already. Undefined: the cluster was not asked, or has none. */
export function checkVerify(
  { service, port, at }: Check,
  { objects, complete }: RenderedNames,
  live: KubeObject | undefined,
): Findings {
  const name = service.replace(/^https?:/u, '')
  const services = objects.filter(({ kind }) => kind === 'Service')
  const found = services.find(({ metadata }) => metadata.name === name) ?? live
  if (found === undefined) {
    // A controller makes Services for its custom resources, under names that only it knows.
    if (!complete || objects.some(isCustom)) return NONE
    const known = services.map(({ metadata }) => metadata.name)
    return fault({ message: `verify asks Service ${name}, which no chart renders${suggestion(name, known)}`, at })
  }
  const { type, ports = [] } = (found['spec'] ?? {}) as ServiceSpec
  if (type === 'ExternalName' || ports.some((one) => one.port === Number(port) || one.name === port)) return NONE
  const known = ports.map((one) => (one.name === undefined ? String(one.port) : `${one.port} (${one.name})`))
  return fault({ message: `verify asks port ${port} of Service ${name}, which has ${known.join(', ') || 'none'}`, at })
}

function isCustom({ apiVersion }: KubeObject): boolean {
  const group = groupOf(apiVersion)
  return group.includes('.') && !group.endsWith('.k8s.io')
}

/** `own`: the Secrets that forge.yaml makes; their fields are preserved too. */
export function checkPreserved(
  { kind, name, field, at }: PreservedField,
  { objects, isOff, complete, closed }: RenderedNames,
  own: readonly Pick<SecretSpec, 'name'>[],
): Findings {
  const found = objects.find((object) => nameOf(object) === `${kind}/${name}`)
  const isOwn = kind === 'Secret' && own.some((secret) => secret.name === name)
  if (found === undefined && !isOwn) {
    if (!complete || isOff(kind, name)) return NONE
    const near = nearObject(kind, name, objects)
    const meant = near === undefined ? '' : `; did you mean "${near}"?`
    const message = `drift preserves ${field} of ${kind}/${name}, which no chart renders${meant}`
    return closed && near === undefined ? doubt({ message, at }) : fault({ message, at })
  }
  const [root = ''] = /^[^.[]+/u.exec(field) ?? []
  const fields = [...new Set(['metadata', ...Object.keys(found ?? {}), ...(kind === 'Secret' ? ['data'] : ['spec'])])]
  if (fields.includes(root) || nearest(root, fields) === undefined) return NONE
  return fault({ message: `drift preserves ${field} of ${kind}/${name}${suggestion(root, fields)}`, at })
}

/** What people call something that is nothing. */
export function checkComponent({ name, target, at }: Component, { objects, isOff, complete }: RenderedNames): Findings {
  const [kind = '', own = ''] = target.split('/', 2)
  if (select(target, objects).length > 0 || !complete || isOff(kind, own)) return NONE
  const near = nearObject(kind, own, objects)
  const meant = near === undefined ? '' : `; did you mean "${near}"?`
  return fault({ message: `components.${name} is ${target}, which no chart renders${meant}`, at })
}

function nearObject(kind: string, name: string, objects: readonly KubeObject[]): string | undefined {
  const named = (wanted: readonly KubeObject[]): string[] => wanted.map(({ metadata }) => metadata.name)
  const near = nearest(name, named(objects.filter((object) => object.kind === kind)))
  const other = objects.find(({ metadata }) => metadata.name === name)
  return near === undefined ? other && nameOf(other) : `${kind}/${near}`
}

/** A ConfigMap of forge.yaml whose data the chart was given: is it rendered, and does anything take it? */
export function checkConfigMap(
  { name, at }: ConfigMapSpec,
  data: Readonly<Record<string, string>>,
  { objects, complete }: RenderedNames,
  chartKnows: boolean,
): Findings {
  const maps = objects.filter(({ kind }) => kind === 'ConfigMap')
  const own = maps.filter(({ metadata }) => isNamed(metadata.name, name))
  const texts = Object.values(data).filter((text) => text.trim() !== '')
  if (own.length === 0 && !objects.some((object) => holdsText(object, texts))) {
    if (chartKnows) return NONE
    const known = maps.map(({ metadata }) => metadata.name)
    return fault({ message: `configMaps.${name}: the chart renders no such ConfigMap${suggestion(name, known)}`, at })
  }
  const taken = (object: KubeObject): boolean => objects.some((other) => other !== object && names(other, object))
  // A release that is not looked at may take it.
  if (own.length === 0 || own.some(taken) || own.some(isPickedUp) || !complete) return NONE
  const wanted = objects
    .flatMap(configReferences)
    .filter((one) => !maps.some(({ metadata }) => metadata.name === one.name))
  const near = nearest(
    name,
    wanted.map((one) => one.name),
  )
  const message = `configMaps.${name}: nothing that the charts render takes it`
  return near === undefined ? doubt({ message, at }) : fault({ message: `${message}; did you mean "${near}"?`, at })
}

/** `app-env`, or with the release's name before it, or a hash after it. */
function isNamed(rendered: string, name: string): boolean {
  return rendered === name || rendered.endsWith(`-${name}`) || rendered.startsWith(`${name}-`)
}

function holdsText(object: unknown, texts: readonly string[]): boolean {
  if (typeof object === 'string') return texts.some((text) => object.includes(text))
  return typeof object === 'object' && object !== null && Object.values(object).some((one) => holdsText(one, texts))
}

function names(object: KubeObject, { metadata }: KubeObject): boolean {
  const says = (value: unknown): boolean =>
    typeof value === 'string'
      ? value === metadata.name
      : typeof value === 'object' && value !== null && Object.values(value).some(says)
  return says(object)
}

const USUAL_LABEL = /^(?:app|chart|release|heritage|app\.kubernetes\.io\/.*|helm\.sh\/.*)$/u

/** A sidecar or an operator finds it by a label of its own (dashboards, rules). */
function isPickedUp({ metadata }: KubeObject): boolean {
  return Object.keys(metadata.labels ?? {}).some((label) => !USUAL_LABEL.test(label))
}

/** Secrets that nothing takes are written all the same; a slip of the pen is worth a word. */
export function checkSecretName(
  { name, at }: SecretSpec,
  { objects }: RenderedNames,
  own: readonly Pick<SecretSpec, 'name'>[],
): Findings {
  const rendered = objects.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name)
  const wanted = objects.flatMap(secretReferences).map(({ secret }) => secret)
  if (wanted.includes(name)) return NONE
  const missing = wanted.filter((one) => !rendered.includes(one) && !own.some((secret) => secret.name === one))
  const near = nearest(name, [...new Set(missing)])
  return near === undefined
    ? NONE
    : doubt({ message: `secret ${name}: no pod that the charts render takes it; did you mean "${near}"?`, at })
}
