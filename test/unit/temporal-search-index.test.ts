import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../support/forge.ts'

// The schema Job's script as it is, with the real curl and jq; Elasticsearch is a server that answers as it does.
const SCRIPT = join(ROOT, 'k8s/charts/temporal/files/schema.sh')
const PASSWORD = 'pa"ss\\word'
const INDEX = 'temporal_visibility_v1'

let folder: string
let server: Server
let asked: { readonly what: string; readonly body: unknown; readonly user: string }[]
let indices: Set<string>
let mapped: number

beforeEach(async () => {
  asked = []
  indices = new Set()
  mapped = 200
  folder = await mkdtemp(join(tmpdir(), 'forge-index-'))
  for (const version of ['v9', 'v10']) {
    await mkdir(join(folder, 'schema', version), { recursive: true })
    const template = { mappings: { properties: { [version]: { type: 'keyword' } } } }
    await writeFile(join(folder, 'schema', version, 'index_template_v7.json'), JSON.stringify(template))
  }
  // What it does with PostgreSQL is proven on the rig (test/real/temporal-chart.test.ts); here it says what it is called with.
  await writeFile(join(folder, 'temporal-sql-tool'), `#!/bin/sh\necho "$*" >>${folder}/sql\n`)
  await chmod(join(folder, 'temporal-sql-tool'), 0o755)
  server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const text = Buffer.concat(parts).toString()
      const user = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString()
      asked.push({ what: `${request.method} ${request.url}`, body: text === '' ? undefined : JSON.parse(text), user })
      response.statusCode = answer(`${request.method} ${request.url}`, user)
      response.end('{"said":"by the server"}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

function answer(what: string, user: string): number {
  if (user !== `elastic:${PASSWORD}`) return 401
  if (what === `PUT /${INDEX}`) indices.add(INDEX)
  if (what === `PUT /${INDEX}/_mapping`) return mapped
  return what === `GET /${INDEX}` && !indices.has(INDEX) ? 404 : 200
}

async function run(password = PASSWORD) {
  const { port } = server.address() as AddressInfo
  const env = {
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    TMPDIR: folder,
    ES_SCHEMA: join(folder, 'schema'),
    ES_URL: `http://127.0.0.1:${port}`,
    ES_VERSION: 'v7',
    ES_VIS_INDEX: INDEX,
    ES_USER: 'elastic',
    ES_PWD: password,
    SQL_HOST: 'db',
    SQL_PORT: '5432',
    SQL_USER: 'temporal',
    SQL_PASSWORD: 'x',
    DATABASE_NAME: 'temporal',
    DATABASE_VISIBILITY: 'temporal_visibility',
    DATABASE_WAIT_SECONDS: '5',
    DATABASE_CREATE: 'true',
    DATABASE_MAINTENANCE: 'postgres',
  }
  const { exitCode, all } = await execa('sh', ['-ec', await readFile(SCRIPT, 'utf8')], {
    env,
    extendEnv: false,
    all: true,
    reject: false,
  })
  return { status: exitCode, said: all }
}

test('the index is made by the newest template, and a second run only adds the fields', async () => {
  expect(await run()).toEqual({ status: 0, said: expect.stringContaining(`the index ${INDEX} is made`) })
  const template = { mappings: { properties: { v10: { type: 'keyword' } } } }
  expect(asked.map(({ what }) => what)).toEqual([
    'GET /',
    'PUT /_template/temporal_visibility_v1_template',
    `GET /${INDEX}`,
    `PUT /${INDEX}`,
  ])
  expect(asked[1]?.body).toEqual(template)

  asked = []
  expect(await run()).toEqual({ status: 0, said: expect.stringContaining(`the index ${INDEX} is current`) })
  expect(asked.at(-1)).toEqual({
    what: `PUT /${INDEX}/_mapping`,
    body: template.mappings,
    user: `elastic:${PASSWORD}`,
  })
  // The list of workflows is not in PostgreSQL then.
  expect(await readFile(join(folder, 'sql'), 'utf8')).not.toContain('temporal_visibility')
})

test('a refusal ends the Job with what the server said, before PostgreSQL is touched, and never with the password', async () => {
  const { status, said } = await run('wrong')
  expect({ status, said }).toEqual({ status: 1, said: expect.stringMatching(/by the server[^]*answers 401 to/u) })
  expect(said).not.toContain('wrong')
  await expect(readFile(join(folder, 'sql'), 'utf8')).rejects.toThrow('ENOENT')
  indices.add(INDEX)
  mapped = 400
  expect(await run()).toEqual({ status: 1, said: expect.stringMatching(/answers 400 to the fields/u) })
})
