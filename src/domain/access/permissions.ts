import type { AccessRules } from './model.ts'

export interface Permission {
  readonly verb: string
  readonly group: string
  /** `pods`, `pods/log`. */
  readonly resource: string
  /** Of one object alone; without it of any. */
  readonly name?: string
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

function isGranted({ verb, group, resource, name }: Permission, { rules }: Pick<AccessRules, 'rules'>): boolean {
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

function matches(granted: readonly string[], wanted: string): boolean {
  return granted.includes('*') || granted.includes(wanted)
}

export function showPermission({ verb, group, resource, name }: Permission): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` ${name}`}`
}

/** What `kubectl auth can-i` is asked for it (https://kubernetes.io/docs/reference/kubectl/generated/kubectl_auth/kubectl_auth_can-i/). */
export function askingFor({ verb, group, resource, name }: Permission): string[] {
  const [plural = '', part] = resource.split('/')
  const what = `${plural}${group === '' ? '' : `.${group}`}${name === undefined ? '' : `/${name}`}`
  return ['auth', 'can-i', verb, what, ...(part === undefined ? [] : [`--subresource=${part}`])]
}
