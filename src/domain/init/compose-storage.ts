import { isMap, ownValue, type PlainMap } from '../config/path.ts'
import type { ComposeTexts } from '../images/compose-texts.ts'
import type { SecretFrom, Workload } from './model.ts'
import { nameOf } from './names.ts'

type Storage = Pick<Workload, 'volumes' | 'scratch'>

interface Mount {
  readonly type: string
  readonly source: string
  readonly path: string
  readonly readOnly: boolean
}

/** Named volumes become claims, what has no name is empty at each start; folders and files of this machine are left out, and noted. */
export function composeStorage(raw: PlainMap, texts: ComposeTexts): Storage {
  const mounts = texts.items(raw['volumes'], ['volumes']).map((one, at) => mountOf(one, ['volumes', String(at)], texts))
  const tmpfs = typeof raw['tmpfs'] === 'string' ? [raw['tmpfs']] : texts.list(raw['tmpfs'], ['tmpfs'])
  for (const { type, source, path } of mounts) {
    if (type !== 'bind') continue
    texts.note(
      `volume ${source} on ${path} is of this machine: put it into the image, or into a ConfigMap of forge.yaml`,
    )
  }
  const named = mounts.filter(({ type, source }) => type === 'volume' && source !== '')
  return {
    volumes: named.map(({ source, path, readOnly }) => ({ claim: nameOf(source, 'data'), path, readOnly })),
    scratch: [
      ...mounts.filter(({ type, source }) => type === 'tmpfs' || (type === 'volume' && source === '')).map(pathOf),
      ...tmpfs.map((one) => one.split(':')[0] ?? one),
    ],
  }
}

function pathOf({ path }: Mount): string {
  return path
}

/** `data:/var/lib/x:ro`, `./here:/there`, `/anonymous`, or a map. */
function mountOf(one: unknown, at: readonly string[], texts: ComposeTexts): Mount {
  if (isMap(one)) {
    const [type = 'volume', source = '', path = ''] = ['type', 'source', 'target'].map((key) =>
      texts.text(one[key], at),
    )
    return { type, source, path, readOnly: one['read_only'] === true }
  }
  const text = texts.text(one, at) ?? ''
  const parts = text.split(':')
  if (parts.length === 1) return { type: 'volume', source: '', path: text, readOnly: false }
  const [source = '', path = '', mode = ''] = parts
  const isOfMachine = /^[./~\\]/u.test(source)
  return { type: isOfMachine ? 'bind' : 'volume', source, path, readOnly: mode.split(',').includes('ro') }
}

/** Secrets of the whole file that a service takes: files below /run/secrets. */
export function composeSecrets(raw: PlainMap, shared: PlainMap, texts: ComposeTexts): Workload['secretFiles'] {
  const files: Record<string, SecretFrom> = {}
  texts.items(raw['secrets'], ['secrets']).forEach((one, at) => {
    const path = ['secrets', String(at)]
    const name = texts.text(isMap(one) ? one['source'] : one, path) ?? ''
    const target = (isMap(one) ? texts.text(one['target'], path) : undefined) ?? name
    const key = target.replace(/^\/run\/secrets\//u, '')
    const found = ownValue(shared, name)
    const [file, env] = isMap(found)
      ? [texts.text(found['file'], path), texts.text(found['environment'], path)]
      : [undefined, undefined]
    if (/^[\w.-]+$/u.test(key) && file !== undefined) files[key] = { kind: 'file', file: file.replace(/^\.\//u, '') }
    else if (/^[\w.-]+$/u.test(key) && env !== undefined) files[key] = { kind: 'env', name: env }
    else
      texts.note(
        `secret ${name} on ${target} is left out: only files and variables right below /run/secrets are taken over`,
      )
  })
  return files
}
