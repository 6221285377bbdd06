import { mkdir, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { freshNamespace, kubectl } from './cluster.ts'
import { document, forge, type Ran } from './forge.ts'
import { projectAt, type TestProject } from './project.ts'
import { testSandbox } from './sandbox.ts'

const namespaces: string[] = []

export async function removeInitNamespaces(): Promise<void> {
  await kubectl(['delete', 'namespace', '--ignore-not-found', '--wait=false', ...namespaces])
}

export interface Place extends TestProject {
  /** Of the project, and of its namespace, which takes pods of the level `restricted` only. */
  readonly name: string
}

/** A folder with these files, called like the namespace that the project gets. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<Place> {
  const name = freshNamespace('init')
  namespaces.push(name)
  await kubectl(['create', 'namespace', name])
  await kubectl(['label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted'])
  const dir = join(await mkdtemp(join(tmpdir(), 'forge-init-')), name)
  await mkdir(dir)
  const project = projectAt(dir)
  for (const [file, text] of Object.entries(files)) await project.write(file, text)
  return { ...project, name }
}

export async function run(place: Place, ...args: readonly string[]): Promise<Ran> {
  const { name } = await testSandbox()
  return await forge([...args, '-C', place.dir], { env: { FORGE_SANDBOX: name, MAIL_PASSWORD: 'not-in-any-file' } })
}

export interface Report {
  readonly written: readonly { readonly file: string }[]
  readonly warnings: readonly string[]
  readonly from: { readonly kind: string; readonly name: string }
  readonly next: string
}

/** Initialised, valid without a warning, deployed where only restricted pods may run, and unchanged the second time. */
export async function deployed(place: Place, ...flags: readonly string[]): Promise<Report> {
  const ran = await run(place, 'init', '--yes', '--json', ...flags)
  expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: '' })
  const valid = await run(place, 'validate')
  expect(valid).toMatchObject({ status: 0, stderr: '' })
  // Charts of the folder that others name are taken from it, and that is said.
  expect(valid.stdout.replaceAll(/^ +warning .*; each run takes it from .*$/gmu, '')).not.toContain('warning')
  for (const outcome of ['deployed', 'unchanged']) {
    const again = await run(place, 'deploy', '--json')
    expect(document(again)).toMatchObject({ outcome, verdict: null })
  }
  return document<Report>(ran)
}

export async function filesIn({ dir }: Place): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(dir.length + 1))
}
