/** A build's context that is not a folder of this machine. */
export interface GitAddress {
  /** What git takes: `https://github.com/acme/app.git`. */
  readonly url: string
  /** A branch, a tag or a commit; undefined: the repository's own default. */
  readonly ref?: string
  /** A folder within the repository. */
  readonly folder?: string
}

/** With a scheme, or the two forms that docker takes without one. */
export function isAddress(context: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/)/u.test(context)
}

/**
 * Undefined: it is an address, but none of a git repository (https://docs.docker.com/build/concepts/context/#git-repositories):
 * an archive, whose content nobody knows before it is fetched.
 */
export function gitAddress(context: string): GitAddress | undefined {
  const [, url = '', ref, folder] = /^([^#]*)(?:#([^:]*)(?::(.*))?)?$/su.exec(context) ?? []
  const isGit = /^(?:git:\/\/|ssh:\/\/|git@|github\.com\/)/u.test(url) || /^https?:\/\/.*\.git\/?$/u.test(url)
  if (!isGit) return undefined
  return {
    url: url.startsWith('github.com/') ? `https://${url}` : url,
    ...(ref === undefined || ref === '' ? {} : { ref }),
    ...(folder === undefined || folder === '' ? {} : { folder }),
  }
}

/** The same context at one commit: what a builder fetches is then what was counted. */
export function pinnedAddress({ url, folder }: GitAddress, commit: string): string {
  return `${url}#${commit}${folder === undefined ? '' : `:${folder}`}`
}

export function isCommit(ref: string): boolean {
  return /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u.test(ref)
}
