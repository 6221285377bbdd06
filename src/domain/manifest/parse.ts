import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { KindRef, KubeObject } from '../kube.ts'
import { loadHelmYaml, splitDocuments } from './yaml.ts'

export interface Hook {
  /** `post-install`, `pre-upgrade`, `test`, … */
  readonly events: readonly string[]
  readonly deletePolicy: readonly string[]
  readonly weight: number
}

/** One object of a rendered chart. */
export interface Rendered {
  readonly object: KubeObject
  /** The template it came from, as helm prints it: `api-forge/templates/app/deployment.yaml`. */
  readonly template: string
  readonly hook?: Hook
}

/** From the chart's folder crds/: helm makes it in a first install if it is not there, and never touches it again. */
export function isBundledDefinition({ object, template }: Rendered): boolean {
  return object.kind === 'CustomResourceDefinition' && /(?:^|\/)crds\//u.test(template)
}

/**
 * The objects of a manifest as helm prints it. Namespaced objects without a namespace get the release's, as helm does
 * when it applies them. Throws E_CHART_RENDER when a template renders something that is not an object.
 */
export function parseManifest(text: string, namespace: string, isNamespaced: (kind: KindRef) => boolean): Rendered[] {
  return splitDocuments(text).flatMap((document) => {
    const template = /^# Source: (.+)$/mu.exec(document)?.[1] ?? ''
    const object = parseDocument(document, template)
    if (object === null) return []
    const placed = place(object, namespace, isNamespaced)
    const hook = hookOf(placed)
    return [hook === undefined ? { object: placed, template } : { object: placed, template, hook }]
  })
}

function parseDocument(document: string, template: string): KubeObject | null {
  const { value = null, reason } = loadHelmYaml(document)
  if (reason === undefined && value === null) return null
  if (isObject(value)) return value
  throw new ForgeError(
    'E_CHART_RENDER',
    `${template || 'a template'} renders no Kubernetes object: ${reason ?? 'it has no apiVersion, kind or metadata.name'}`,
    { hint: forge('render'), where: template || 'chart' },
  )
}

function isObject(value: unknown): value is KubeObject {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<KubeObject>
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string'
}

function place(object: KubeObject, namespace: string, isNamespaced: (kind: KindRef) => boolean): KubeObject {
  const { namespace: own, ...metadata } = object.metadata
  return { ...object, metadata: isNamespaced(object) ? { ...metadata, namespace: own ?? namespace } : metadata }
}

function hookOf({ metadata: { annotations } }: KubeObject): Hook | undefined {
  const events = annotations?.['helm.sh/hook']
  if (events === undefined) return undefined
  return {
    events: listOf(events),
    deletePolicy: listOf(annotations?.['helm.sh/hook-delete-policy'] ?? 'before-hook-creation'),
    weight: Number(annotations?.['helm.sh/hook-weight'] ?? 0),
  }
}

function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}
