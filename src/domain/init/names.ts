/** Any text as a Kubernetes name of at most 50 characters; `fallback` where nothing is left of it. */
export function nameOf(text: string, fallback = 'app'): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .slice(0, 50)
    .replaceAll(/^-+|-+$/gu, '')
  return name === '' ? fallback : name
}

/** `my-web` as a template can say it without quotes: `myWeb`. A digit cannot begin it. */
export function valueName(name: string): string {
  const joined = name.replaceAll(/-+([a-z0-9])/gu, (_, first: string) => first.toUpperCase())
  return /^\d/u.test(joined) ? `x${joined}` : joined
}

/** `my-web` as the beginning of a variable: `MY_WEB`. */
export function variableName(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]+/gu, '_')
}
