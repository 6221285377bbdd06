import type { AccessRules } from './model.ts'

export interface Permission {
  readonly verb: string
  readonly group: string
  /** `pods`, `pods/log`. */
  readonly resource: string
  /** Of one object alone; without it of any. */
  readonly name?: string
  /** A path of the API server itself (`/metrics`), in the place of a resource. */
  readonly url?: string
  /** Has the same effect where it is granted instead. */
  readonly instead?: Omit<Permission, 'instead'>
}

export function verbs(names: readonly string[], group: string, resource: string, name?: string): Permission[] {
  return names.map((verb) => ({ verb, group, resource, ...(name === undefined ? {} : { name }) }))
}

/** Those that the rules do not grant. Rules limited to resourceNames are no general grant. */
export function missingPermissions(needed: readonly Permission[], access: Pick<AccessRules, 'rules'>): Permission[] {
  return needed.filter(
    (one) => !isGranted(one, access) && !(one.instead !== undefined && isGranted(one.instead, access)),
  )
}

function isGranted(permission: Permission, { rules }: Pick<AccessRules, 'rules'>): boolean {
  const { verb, group, resource, name, url } = permission
  if (url !== undefined)
    return rules.some(
      ({ verbs: granted, nonResourceURLs = [] }) =>
        matches(granted, verb) && nonResourceURLs.some((one) => isUrlOf(one, url)),
    )
  return rules.some(
    ({ verbs: granted, apiGroups, resources, resourceNames = [] }) =>
      (resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name))) &&
      matches(granted, verb) &&
      matches(apiGroups, group) &&
      (matches(resources, resource) ||
        (resource.includes('/') && resources.includes(`*/${resource.split('/')[1]}`)) ||
        resources.includes(`${resource.split('/')[0]}/*`)),
  )
}

/** A star stands for all that begins so, and alone for all (pkg/apis/rbac/helpers.go, NonResourceURLMatches). */
function isUrlOf(granted: string, url: string): boolean {
  return granted === '*' || granted === url || (granted.endsWith('*') && url.startsWith(granted.slice(0, -1)))
}

function matches(granted: readonly string[], wanted: string): boolean {
  return granted.includes('*') || granted.includes(wanted)
}

export function showPermission({ verb, group, resource, name, url }: Permission): string {
  if (url !== undefined) return `${verb} ${url}`
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` ${name}`}`
}

/** `you may not get pods/exec in namespace shop, nor create pods/exec`; the first five of them. */
export function lackingText([first, ...rest]: readonly Permission[], where: string): string {
  if (first === undefined) return ''
  const shown = rest.slice(0, 4).map(showPermission).join(', ')
  const more = rest.length > 0 ? `, nor ${shown}${rest.length > 4 ? ` and ${rest.length - 4} more` : ''}` : ''
  return `you may not ${showPermission(first)} in ${where}${more}`
}

/** What `kubectl auth can-i` is asked for it (https://kubernetes.io/docs/reference/kubectl/generated/kubectl_auth/kubectl_auth_can-i/). */
export function askingFor({ verb, group, resource, name, url }: Permission): string[] {
  if (url !== undefined) return ['auth', 'can-i', verb, url]
  const [plural = '', part] = resource.split('/')
  const what = `${plural}${group === '' ? '' : `.${group}`}${name === undefined ? '' : `/${name}`}`
  return ['auth', 'can-i', verb, what, ...(part === undefined ? [] : [`--subresource=${part}`])]
}
