import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { projectModules } from '../../src/adapters/files/modules.ts'
import { failure } from '../support/project-ports.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forge-modules-'))
})
afterAll(async () => await rm(folder, { recursive: true }))

const about = { file: 'a.conf', configMap: 'settings', key: 'a', environment: 'prod' }

async function run(name: string, code: string, signal = new AbortController().signal): Promise<string> {
  const module = join(folder, name)
  await writeFile(module, code)
  return await projectModules.transform({ module, text: 'text', about }, signal)
}

test("the project's function gets the text and what it is about", async () => {
  const code = 'export const transform = async (text, { key, environment }) => `${text} ${key} ${environment}`\n'
  expect(await run('good.mjs', code)).toBe('text a prod')
})

test('TypeScript too', async () => {
  expect(await run('good.ts', 'export function transform(text: string): string { return text + 1 }\n')).toBe('text1')
})

test.each([
  ['syntax.mjs', 'export function (', 'cannot be loaded: '],
  ['other.mjs', 'export default (text) => text', 'exports no function named transform'],
  [
    'throws.mjs',
    '\nexport function transform() { throw new Error("no such option") }',
    'failed on a.conf: no such option (line 2)',
  ],
  ['nothing.mjs', 'export function transform() {}', 'transform gave undefined for a.conf, not a text'],
])('%s is told with the module', async (name, code, message) => {
  const failed = await failure(run(name, code))
  expect(failed).toMatchObject({ code: 'E_TRANSFORM', hint: `node --check ${join(folder, name)}` })
  expect(failed.message).toContain(message)
})

test('a function that never ends is left when forge is stopped', async () => {
  const stop = new AbortController()
  const waiting = run('hangs.mjs', 'export const transform = () => new Promise(() => {})\n', stop.signal)
  stop.abort(new Error('stopped by SIGINT'))
  await expect(waiting).rejects.toThrow('stopped by SIGINT')
})
