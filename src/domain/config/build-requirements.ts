import { parseQuantity } from '../quantity.ts'
import { compact } from './compact.ts'
import type { Requirements, VaultRequirement } from './requirements.ts'
import type { Path } from './path.ts'
import type { Places } from './places.ts'
import type { Sections } from './schema.ts'

const PATH: Path = ['requirements']

export function buildRequirements(raw: NonNullable<Sections['requirements']>, places: Places): Requirements {
  const each = <T>(key: 'crds' | 'operators' | 'services', read: (text: string) => T) =>
    (raw[key] ?? []).map((text, index) => ({ ...read(text), at: places.of([...PATH, key, index]) }))
  return compact({
    crds: each('crds', (name) => ({ name })),
    operators: each('operators', operatorOf),
    secrets: Object.entries(raw.secrets ?? {}).map(([name, keys]) => ({
      name,
      keys,
      at: places.keyOf([...PATH, 'secrets', name]),
    })),
    services: each('services', serviceOf),
    nodes: (raw.nodes ?? []).map(({ selector = {}, cpu, memory }, index) => ({
      selector: Object.fromEntries(Object.entries(selector).map(([key, value]) => [key, String(value)])),
      ...(cpu === undefined ? {} : { cpu: parseQuantity(cpu) ?? 0 }),
      ...(memory === undefined ? {} : { memory: parseQuantity(memory) ?? 0 }),
      at: places.of([...PATH, 'nodes', index]),
    })),
    storageClass:
      raw.storageClass === undefined ? undefined : { name: raw.storageClass, at: places.of([...PATH, 'storageClass']) },
    vault: raw.vault === undefined ? undefined : vaultOf(raw.vault, places),
  })
}

function vaultOf(
  {
    injector,
    role,
    mount = 'kubernetes',
    serviceAccount,
    paths = {},
  }: NonNullable<NonNullable<Sections['requirements']>['vault']>,
  places: Places,
): VaultRequirement {
  const at = (key: string) => places.of([...PATH, 'vault', key])
  const [namespace = '', name = ''] = typeof injector === 'string' ? injector.split('/') : []
  return compact({
    injector:
      injector === undefined
        ? undefined
        : injector === true
          ? { name: 'any' as const, at: at('injector') }
          : { name, namespace, at: at('injector') },
    role: role === undefined ? undefined : compact({ name: role, mount, serviceAccount, at: at('role') }),
    paths: Object.entries(paths).map(([path, keys]) => ({
      name: path,
      keys,
      at: places.keyOf([...PATH, 'vault', 'paths', path]),
    })),
  })
}

function operatorOf(text: string): { name: string; namespace?: string } {
  const [first = '', second] = text.split('/')
  return second === undefined ? { name: first } : { name: second, namespace: first }
}

/** `name`, `name.namespace` (as DNS has it, what follows `.svc` says nothing more) or `namespace/name`, then `:port`. */
function serviceOf(text: string): { name: string; namespace?: string; port?: string } {
  const [address = '', port] = text.split(':')
  const [before, after] = address.split('/')
  const [name = '', namespace] = after === undefined ? address.split('.') : [after, before]
  return compact({ name, namespace, port })
}
