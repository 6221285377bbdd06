/** A path, a mount or a namespace as Vault itself has it. */
export function withoutSlashes(path: string): string {
  return path.replaceAll(/^\/+|\/+$/gu, '')
}

/** Without what is only the writing of it: `secret/data/shop/app` of the API is `secret/shop/app` of people. */
function formsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  const at = parts.indexOf('data', 1)
  return [parts, ...(at === -1 || at === parts.length - 1 ? [] : [parts.toSpliced(at, 1)])].map((one) => one.join('/'))
}

/** One path of a KV engine, as people write it, or as its API and the agent's annotations have it. */
export function isSamePath(one: string, other: string): boolean {
  const forms = formsOf(other)
  return formsOf(one).some((form) => forms.includes(form))
}
