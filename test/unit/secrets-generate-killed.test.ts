import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { certificates } from '../../src/adapters/files/certificates.ts'
import { generateHere } from '../support/generate-here.ts'
import { failure } from '../support/project-ports.ts'
import { head } from '../support/secrets.ts'
import { ROOT } from '../support/forge.ts'

const SPEC = `${head}  pw: { each: "k/{key}.txt", keys: [a], generate: { length: 20 } }
  tls: { type: tls, cert: pg/chain.crt, key: pg/server.key, generate: { ca: ca, hosts: [postgres], days: 100 } }
  web: { type: tls, cert: web/chain.crt, key: web/server.key, generate: { ca: ca, hosts: [web], days: 100 } }
`

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-generate-'))
  await writeFile(join(dir, 'forge.yaml'), SPEC)
})
afterEach(async () => {
  await rm(dir, { recursive: true })
})

const read = async (file: string): Promise<string | undefined> =>
  await readFile(join(dir, file), 'utf8').catch(() => undefined)

async function inAnotherProcess(dieAt?: number, force?: string): Promise<string | undefined> {
  const args = [
    join(ROOT, 'test/support/generate-here.ts'),
    dir,
    String(dieAt),
    ...(force === undefined ? [] : [force]),
  ]
  const { signal } = await execa(process.execPath, args, { reject: false })
  return signal
}

/** Every certificate that is there leads to every CA certificate that is there. */
async function refusedByTheirCa(): Promise<string[]> {
  const authorities = ['ca/root-ca.crt', 'ca/ca-bundle.crt']
  const refused: string[] = []
  for (const file of ['ca/intermediate-ca.crt', 'pg/chain.crt', 'web/chain.crt'])
    for (const authority of authorities) {
      const [certificate, ca] = [await read(file), await read(authority)]
      if (certificate === undefined || ca === undefined) continue
      if (!certificates.leadsTo(certificate, ca)) refused.push(`${file} by ${authority}`)
      const chain = certificates.chain(certificate)
      if ('problem' in chain || chain.signedByNext.includes(false)) refused.push(`${file} in itself`)
    }
  return refused
}

async function left(): Promise<string[]> {
  return (await readdir(dir, { recursive: true })).filter((name) => name.includes('.forge-'))
}

/** Of the ten writes: before the first of all, within and between the pairs of the CA, its bundle, and a server. */
const WRITES = [1, 3, 4, 5, 6, 8, 9]

test('killed at any write, and run again: no certificate that its CA refuses, no lock, nothing half written', async () => {
  const outcomes: string[] = []
  for (const dieAt of WRITES) {
    for (const name of ['ca', 'pg', 'web', 'k']) await rm(join(dir, name), { recursive: true, force: true })
    expect(await inAnotherProcess(dieAt)).toBe('SIGKILL')
    expect(await refusedByTheirCa()).toEqual([])
    outcomes.push(
      await generateHere(dir).then(
        () => 'whole',
        (error: unknown) => (error as { code?: string }).code ?? String(error),
      ),
    )
    expect({ dieAt, refused: await refusedByTheirCa(), left: await left() }).toEqual({ dieAt, refused: [], left: [] })
  }
  // Between the two halves of a pair nobody knows whose the first one is.
  const half = 'E_GENERATE_PAIR'
  expect(outcomes).toEqual(['whole', half, 'whole', half, 'whole', half, 'whole'])
}, 60_000)

test('killed between the halves of a pair that is made anew: the mixture is not taken for a pair', async () => {
  await generateHere(dir)
  // The key is kept, then replaced; then the certificate is kept.
  expect(await inAnotherProcess(3, 'web')).toBe('SIGKILL')
  expect(await failure(generateHere(dir))).toMatchObject({
    code: 'E_GENERATE_PAIR',
    message: expect.stringMatching(/^web\/chain\.crt belongs to another key than web\/server\.key: a run was cut off/u),
  })
})

test('several at once: one set of everything', async () => {
  expect(await Promise.all(Array.from({ length: 3 }, async () => await inAnotherProcess()))).toEqual(
    Array(3).fill(undefined),
  )
  expect(await refusedByTheirCa()).toEqual([])
  expect(await left()).toEqual([])
  expect(new Set((await generateHere(dir)).files.map(({ outcome }) => outcome))).toEqual(new Set(['exists']))
})

test('one that is killed beside another', async () => {
  await Promise.all([inAnotherProcess(5), inAnotherProcess(), inAnotherProcess(8)])
  expect(await refusedByTheirCa()).toEqual([])
})

test.each([
  ['another root', 'ca/root-ca.crt', 'ca/intermediate-ca.crt does not lead to ca/root-ca.crt'],
  ['another bundle', 'ca/ca-bundle.crt', 'ca/intermediate-ca.crt does not lead to ca/ca-bundle.crt'],
])('a CA beside %s signs nothing', async (_, file, message) => {
  await generateHere(dir)
  const own = await read(file)
  await rm(join(dir, 'ca'), { recursive: true })
  await rm(join(dir, 'web'), { recursive: true })
  await rm(join(dir, 'pg'), { recursive: true })
  await generateHere(dir)
  await writeFile(join(dir, file), own ?? '')
  await rm(join(dir, 'web'), { recursive: true })
  expect(await failure(generateHere(dir))).toMatchObject({
    code: 'E_GENERATE_PAIR',
    message: expect.stringContaining(message),
  })
  expect(await read('web/chain.crt')).toBeUndefined()
})

test('a CA that cannot be read is told, not met as a bug', async () => {
  await generateHere(dir)
  await rm(join(dir, 'web'), { recursive: true })
  await writeFile(join(dir, 'ca/intermediate-ca.key'), 'x')
  expect(await failure(generateHere(dir))).toMatchObject({
    code: 'E_SECRET_INVALID',
    message: expect.stringMatching(
      /^ca\/intermediate-ca\.key, of the CA that is to sign for secret \w+, holds no private key/u,
    ),
  })
})
