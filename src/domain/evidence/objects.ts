import { stringify } from 'yaml'
import type { KubeObject } from '../kube.ts'
import { loadHelmYaml, splitDocuments } from '../manifest/yaml.ts'
import type { Redactor } from '../redact/redactor.ts'

export type Mask = Pick<Redactor, 'text' | 'json'>

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** An object as YAML for people: without managedFields, without the data of Secrets, secret values masked. */
export function objectYaml(object: KubeObject, mask: Mask): string {
  // Masked before it is written: a long line that YAML folds would hide a value from the mask.
  return mask.text(stringify(mask.json(withoutSecrets(object)), { lineWidth: 0, aliasDuplicateObjects: false }))
}

/** What helm applied. Documents that may be Secrets are taken apart; one that cannot be read is left out. */
export function manifestYaml(manifest: string, mask: Mask): string {
  return splitDocuments(manifest)
    .map((document) => (/Secret|List\b/u.test(document) ? secretYaml(document, mask) : mask.text(document.trim())))
    .join('\n---\n')
}

function secretYaml(document: string, mask: Mask): string {
  const source = /^# Source: .+$/mu.exec(document)?.[0]
  const { value } = loadHelmYaml(document)
  const shown = isObject(value) ? objectYaml(value, mask) : '# left out: it may be a Secret and cannot be read'
  return [...(source === undefined ? [] : [source]), shown.trim()].join('\n')
}

function withoutSecrets(object: KubeObject): KubeObject {
  // A List has no metadata to speak of.
  const { managedFields: _fields, ...metadata } = (object as Partial<KubeObject>).metadata ?? { name: '' }
  const { items } = object as { items?: unknown }
  if (Array.isArray(items)) return { ...object, metadata, items: items.filter(isObject).map(withoutSecrets) }
  if (object.kind !== 'Secret') return { ...object, metadata }
  const { data, stringData, ...rest } = object as KubeObject & { data?: object; stringData?: object }
  const { [LAST_APPLIED]: _applied, ...annotations } = metadata.annotations ?? {}
  const keys = Object.keys({ ...data, ...stringData })
  return {
    ...rest,
    metadata: { ...metadata, annotations },
    data: Object.fromEntries(keys.map((key) => [key, '(not shown)'])),
  }
}

function isObject(value: unknown): value is KubeObject {
  const { kind, metadata } = (value ?? {}) as Partial<KubeObject>
  const { items } = (value ?? {}) as { items?: unknown }
  return typeof kind === 'string' && (typeof metadata === 'object' || Array.isArray(items))
}
