/** What some reader of YAML takes for a boolean, or for nothing. */
const NO_TEXT = /^(?:y|n|yes|no|on|off|true|false|null)$/u

/** Any text as a name of at most 50 characters for every kind of Kubernetes: a Service begins with a letter. */
export function nameOf(text: string, fallback = 'app'): string {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9]+/gu, '-')
  const trimmed = plain.replaceAll(/^-+|-+$/gu, '')
  const named = /^\d/u.test(trimmed) || NO_TEXT.test(trimmed) ? `app-${trimmed}` : trimmed
  const name = named.slice(0, 50).replaceAll(/-+$/gu, '')
  return name === '' ? fallback : name
}

/** Values of a chart that init gives a meaning. */
const RESERVED: readonly string[] = ['configMaps', 'global', 'waitImage', 'waitSeconds']

/** `my-web` as a template can say it without quotes: `myWeb`. */
export function valueName(name: string): string {
  const joined = name.replaceAll(/-+([a-z0-9])/gu, (_, first: string) => first.toUpperCase())
  return RESERVED.includes(joined) ? `${joined}Service` : joined
}

/** `my-web` as the beginning of a variable: `MY_WEB`. */
export function variableName(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]+/gu, '_')
}
