interface Minor {
  readonly major: number
  readonly minor: number
}

/**
 * kubectl may be one minor version older or newer than the API server
 * (https://kubernetes.io/releases/version-skew-policy/#kubectl). Undefined: it is.
 */
export function skewOf(kubectl: string, server: Minor): string | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/u.exec(kubectl) ?? []
  if (major === undefined || minor === undefined) return undefined
  const apart = Math.abs(Number(minor) - server.minor)
  if (Number(major) === server.major && apart <= 1) return undefined
  return `kubectl ${kubectl.replace(/^v/u, '')} and Kubernetes ${server.major}.${server.minor} are more than one minor version apart`
}
