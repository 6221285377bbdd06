import { inert } from '../domain/redact/inert.ts'
import { escapedText } from './document-text.ts'
import { loadHelmYaml, mapDocuments } from '../domain/manifest/yaml.ts'

/**
 * The same manifest with nothing in it that a terminal or a runner would obey: a document that holds such a thing is written
 * in the form of JSON, which has an escape for each. Whoever applies it gets the same object.
 */
export function quotedManifest(manifest: string): string {
  const text = manifest.replaceAll('\r\n', '\n')
  return inert(text) === text ? text : mapDocuments(text, quoted)
}

function quoted(document: string): string {
  if (inert(document) === document) return document
  const { value } = loadHelmYaml(document)
  return value === undefined ? inert(document) : `\n${escapedText(JSON.stringify(value, null, 2), inYaml)}\n`
}

/** Of YAML within quotes: JSON's escapes, and one of its own for what JSON writes in two halves. */
function inYaml(one: string): string {
  const hex = (one.codePointAt(0) ?? 0).toString(16)
  return one.length === 2 ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
}
