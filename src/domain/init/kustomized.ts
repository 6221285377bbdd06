import { isMap, type PlainMap } from '../config/path.ts'
import type { Problem } from '../config/position.ts'
import { writeYaml } from '../manifest/write-yaml.ts'
import { loadHelmYaml, splitDocuments } from '../manifest/yaml.ts'
import { chartFile } from './chart.ts'
import { literal } from './chart-template.ts'
import type { InitPlan, NewFile } from './model.ts'
import { nameOf } from './names.ts'

/**
 * What kustomize makes of a folder, as a chart without values: each object in a file of its own. Secrets are left out, for a chart
 * is no place for them, and so are Namespaces, which forge makes.
 */
export function kustomizedChart(manifest: string, source: string, folder: string, name: string): InitPlan {
  const found = splitDocuments(manifest).flatMap((document) => {
    const { value } = loadHelmYaml(document)
    return isMap(value) && typeof value['kind'] === 'string' ? [{ object: value, kind: value['kind'] }] : []
  })
  const taken = found.filter(({ kind }) => kind !== 'Secret' && kind !== 'Namespace')
  const files = new Map<string, NewFile>()
  for (const { object, kind } of taken) {
    const of = nameIn(object)
    const stem = `${kind.toLowerCase()}-${nameOf(of)}`
    const path = `${folder}/templates/${files.has(`${folder}/templates/${stem}.yaml`) ? `${stem}-${files.size}` : stem}.yaml`
    files.set(path, { path, text: literal(writeYaml(withoutNamespace(object))), about: `${kind}/${of}` })
  }
  const at = { file: source, line: 1, column: 1 }
  const secrets = found.filter(({ kind }) => kind === 'Secret').map(({ object }) => nameIn(object))
  const warnings = secrets.map((secret): Problem => {
    return { message: `Secret/${secret} is left out: name its sources under secrets of forge.yaml`, at }
  })
  const values = {
    path: `${folder}/values.yaml`,
    text: '# What differs between environments goes here, and its place in a template.\n{}\n',
  }
  return { files: [chartFile(folder, name), { ...values, about: 'no values yet' }, ...files.values()], warnings }
}

function nameIn(object: PlainMap): string {
  const metadata = object['metadata']
  return isMap(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : 'unnamed'
}

/** That of the environment is the right one. */
function withoutNamespace(object: PlainMap): PlainMap {
  const { namespace: _, ...metadata } = isMap(object['metadata']) ? object['metadata'] : {}
  return { ...object, metadata }
}
