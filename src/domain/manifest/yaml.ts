import {
  binaryTag,
  boolYaml11Tag,
  FAILSAFE_SCHEMA,
  floatCoreTag,
  floatYaml11Tag,
  intCoreTag,
  intYaml11Tag,
  loadAll,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  type ScalarTagDefinition,
} from 'js-yaml'

/**
 * YAML 1.1 as both helms read it (sigs.k8s.io/yaml, tried with each): `yes` is true and `0644` is 420, `0o644` and `1e3` of
 * YAML 1.2 are numbers too, but a date and `12:30:45` are texts.
 */
const HELM_YAML = FAILSAFE_SCHEMA.withTags(
  nullYaml11Tag,
  boolYaml11Tag,
  number(intYaml11Tag, intCoreTag),
  number(floatYaml11Tag, floatCoreTag),
  mergeTag,
  binaryTag,
)

/** helm separates documents with a line of three dashes; the same line inside a block scalar is indented. */
export function splitDocuments(text: string): string[] {
  return text.split(/^---\s*$/mu).filter((part) => part.trim() !== '')
}

/**
 * One document that helm printed, or in one line why it is none; `value` undefined: it is empty. What people wrote is read
 * with the library yaml, which knows places and comments; this takes a tenth of its time.
 */
export function loadHelmYaml(document: string): { readonly value?: unknown; readonly reason?: string } {
  try {
    return { value: loadAll(document, { schema: HELM_YAML })[0] }
  } catch (error) {
    return { reason: (error as Error).message.split('\n')[0] ?? '' }
  }
}

function number(old: ScalarTagDefinition<number>, core: ScalarTagDefinition<number>): ScalarTagDefinition<number> {
  return {
    ...old,
    resolve(source, isExplicit, tagName) {
      if (source.includes(':')) return NOT_RESOLVED
      const found = old.resolve(source, isExplicit, tagName)
      return found === NOT_RESOLVED ? core.resolve(source, isExplicit, tagName) : found
    },
  }
}
