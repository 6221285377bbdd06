import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { loadHelmYaml } from '../../src/domain/manifest/yaml.ts'
import { canonical } from '../../src/domain/canonical.ts'
import { helmOf } from './helms.ts'
import { projectOf } from './project.ts'

/** Prints each text as helm reads it (`fromYaml` is the reader of manifests too). */
const PRINTER = `{{ range $path, $_ := .Files.Glob "texts/*" }}
--- # {{ $path }}
value: {{ $.Files.Get $path | fromYaml | toJson | quote }}
{{ end }}`

export interface ReadOtherwise {
  readonly text: string
  readonly own: string
  readonly helm: string | undefined
}

/** The texts that helm reads otherwise than the reader of manifests. */
export async function readOtherwise(major: 3 | 4, texts: readonly string[]): Promise<ReadOtherwise[]> {
  const lines = texts.map((text) => `${text}\n`)
  const read = await readByHelm(major, lines)
  if (read.filter((value) => value !== FAILED).length < texts.length / 4) throw new Error('helm read too few of them')
  return lines.flatMap((text, at) => {
    const [own, helm] = [shown(text), read[at]]
    return own === helm || isStricter(helm, text) ? [] : [{ text, own, helm }]
  })
}

export const FAILED = 'cannot be read'

/** Canonical values, or FAILED. */
export async function readByHelm(major: 3 | 4, texts: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-texts-'))
  try {
    const files = Object.fromEntries(texts.map((text, at) => [`texts/${String(at).padStart(6, '0')}`, text]))
    const chart = { 'Chart.yaml': 'apiVersion: v2\nname: texts\nversion: 0.1.0\n', 'templates/all.yaml': PRINTER }
    const project = await projectOf({ ...chart, ...files })
    const { stdout } = await execa(await helmOf(major), ['template', 'texts', project.dir], {
      maxBuffer: 1_000_000_000,
    })
    return [...stdout.matchAll(/^value: (".*")$/gmu)].map(([, quoted = '']) => {
      const value: unknown = JSON.parse(JSON.parse(quoted) as string)
      return Object.keys(value as object).join() === 'Error' ? FAILED : canonical(value)
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** `fromYaml` takes maps alone. */
function shown(text: string): string {
  const { value = {}, reason } = loadHelmYaml(text)
  return reason !== undefined || value === null || typeof value !== 'object' || Array.isArray(value)
    ? FAILED
    : canonical(value)
}

/** A tab behind a dash: helm takes none, the parser here does. What helm refuses never becomes a manifest. */
export function isStricter(helm: string | undefined, text: string): boolean {
  return helm === FAILED && /^\s*- \t/mu.test(text)
}
