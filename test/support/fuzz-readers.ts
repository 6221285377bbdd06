import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { certificates } from '../../src/adapters/files/certificates.ts'
import { chartContent } from '../../src/adapters/helm/chart-content.ts'
import { tarFiles } from '../../src/adapters/helm/tar.ts'
import { loadAccess } from '../../src/adapters/kubernetes/kubeconfig.ts'
import { BoundedLines } from '../../src/adapters/kubernetes/lines.ts'
import { storedRelease } from '../../src/adapters/kubernetes/releases.ts'
import { gzipCodec } from '../../src/adapters/state/gzip.ts'
import { readDocument } from '../../src/domain/config/document.ts'
import { identityOf, missingDependencies } from '../../src/domain/helm/dependencies.ts'
import { withDependencies } from '../../src/domain/helm/dependency-values.ts'
import { ignoresOf } from '../../src/domain/helm/ignore.ts'
import { parseReference } from '../../src/domain/images/reference.ts'
import { readComposeBuild } from '../../src/domain/images/compose.ts'
import { journalRecord } from '../../src/domain/journal/record.ts'
import { summaryOf } from '../../src/domain/journal/report.ts'
import { parseManifest } from '../../src/domain/manifest/parse.ts'
import { movedObjects } from '../../src/domain/plan/precondition.ts'
import { Redactor } from '../../src/domain/redact/redactor.ts'
import { entryRows, historyRows } from '../../src/screen/history.ts'
import { readDotenv } from '../../src/domain/transforms/dotenv-file.ts'
import { omitLines, setLines } from '../../src/domain/transforms/lines.ts'
import { allowSubnets, openPgHba } from '../../src/domain/transforms/open-pg-hba.ts'
import { parseSetting } from '../../src/domain/values/set-option.ts'
import { resolveConfiguration } from '../../src/flows/project/configuration.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import { resolveSecrets } from '../../src/flows/project/secrets.ts'
import { loadPlan } from '../../src/flows/plan/save.ts'
import { openJournal } from '../../src/flows/state/journal.ts'
import type { DOCUMENTS } from './fuzz-documents.ts'
import { FakeApi } from './fake-api.ts'
import { FakeClock } from './fake-clock.ts'
import { HERE } from './hints.ts'
import { memoryFiles, projectPorts } from './project-ports.ts'
import { sink } from './secrets.ts'

type Reader = (text: string) => unknown

const { signal } = new AbortController()
const folder = await mkdtemp(join(tmpdir(), 'forge-fuzz-'))
const now = Date.parse('2026-11-20T12:00:00Z')
const scope = { project: 'p', namespace: 'n' }

const PROJECT = {
  'v.yaml': 'a: secret-value-1\nc: { d: 7 }\n',
  '.env': 'A=1\nD=secret-value-2\n',
  'pg_hba.conf': 'host all all 127.0.0.1/32 md5\n',
  'compose.yml': 'services: { app: { build: . } }\n',
  'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
}

/** All that forge does with a project before it asks a cluster, in each environment. */
async function project(files: Readonly<Record<string, string>>): Promise<void> {
  const ports = projectPorts(memoryFiles({ ...PROJECT, ...files }))
  for (const environment of ['dev', 'prod']) {
    const loaded = await loadProject(ports, { dir: '/p', env: environment })
    await resolveSecrets(loaded, ports, sink())
    await resolveConfiguration(loaded, ports, {})
  }
}

async function journal(text: string): Promise<void> {
  const cluster = new FakeApi()
  cluster.put(journalRecord(scope, 3, await gzipCodec.pack(text)))
  cluster.put(journalRecord(scope, 4, Buffer.from(text).toString('base64')))
  const request = { cluster, codec: gzipCodec, clock: new FakeClock(), redactor: new Redactor(), ...scope }
  const { entries } = await openJournal(request, signal)
  const screen = { width: 80, here: HERE, now }
  for (const one of entries) {
    const summary = summaryOf(one, { live: undefined, held: undefined })
    historyRows([summary], screen)
    entryRows(one, summary, screen)
  }
}

function record(text: string): void {
  const data = (inner: Buffer): string => Buffer.from(inner.toString('base64')).toString('base64')
  for (const inner of [gzipSync(text), Buffer.from(text), gzipSync(text).subarray(0, text.length % 97)]) {
    const one = storedRelease({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'r', labels: { name: 'shop', version: '1', status: 'deployed' } },
      data: { release: data(inner) },
    })
    if (one.fault !== undefined) continue
    JSON.stringify([one.description, one.installedAt, one.chart, one.hooks, one.config, one.applyMethod])
    manifest(one.manifest)
  }
}

function manifest(text: string): unknown {
  return parseManifest(text, 'n', () => true)
}

async function plan(text: string): Promise<void> {
  const files = memoryFiles({ 'p.json': text })
  const ports = { project: projectPorts(files), clock: { now: () => now } } as unknown as Parameters<typeof loadPlan>[2]
  const { basis, project, namespace, environment } = await loadPlan('p.json', 10 * 86_400_000, ports)
  // As a deploy reads it.
  const texts = [basis.values, basis.drift.preserve, [project, namespace, environment, basis.drift.policy]].flat()
  if (!texts.every((one) => typeof one === 'string')) throw new TypeError('no texts')
  Object.entries(basis.images)
  movedObjects(basis.preconditions, [])
  for (const { name, objects } of basis.releases) new Map(objects.map((one) => [`${name} ${one.object}`, one.digest]))
  for (const { keys } of basis.secrets) keys.join()
}

async function log(text: string): Promise<void> {
  const redactor = new Redactor()
  for (const secret of ['secret-password-1234', 'hunter2(', 'ä-secret\nof two lines', text.slice(0, 300)])
    redactor.add(secret)
  const body = Readable.from([Buffer.from(text.slice(0, 50)), Buffer.from(text.slice(50))])
  const lines = await new BoundedLines(body, { bytes: 1e6, longest: 1000, instead: () => 'x' }).all()
  for (const line of lines) redactor.text(line)
  redactor.json({ lines })
}

async function packed(text: string): Promise<void> {
  const bytes = Buffer.from(text, 'latin1')
  Array.from(tarFiles(bytes))
  const file = join(folder, 'chart.tgz')
  for (const content of [gzipSync(bytes), gzipSync(bytes).subarray(0, -5)]) {
    await writeFile(file, content)
    // What keeps a chart from being read is for helm to say.
    await chartContent(file).catch(() => undefined)
  }
}

/** Who reads what: each ends with a value, or with an error that has a code. */
export const READERS: Readonly<Record<keyof typeof DOCUMENTS, Reader>> = {
  config: async (text) => await project({ 'forge.yaml': text }),
  values(text) {
    readDocument(text, 'v.yaml', 'helm')
    readDocument(text, 'v.yaml', 'core')
  },
  dotenv(text) {
    readDotenv(text, '.env')
    setLines(text, new Map([['A', 'x\ny']]))
    omitLines(text, ['A', '__proto__'])
  },
  compose: (text) => readComposeBuild(text, 'compose.yml', 'app', () => 'x'),
  hba(text) {
    openPgHba(text, 'pg_hba.conf')
    allowSubnets(text, 'pg_hba.conf', ['10.0.0.0/8', 'fd00::/8'])
  },
  async kubeconfig(text) {
    const file = join(folder, 'kubeconfig')
    await writeFile(file, text)
    await loadAccess({ kubeconfig: file })
  },
  journal,
  record,
  manifest,
  plan,
  log,
  pem(text) {
    certificates.chain(text)
    certificates.key(text)
    certificates.leadsTo(text, text)
  },
  async chart(text) {
    const files = [{ name: 'Chart.yaml', text: () => text }]
    missingDependencies(files)
    identityOf(text)
    withDependencies([...files, { name: 'values.yaml', text: () => text }])
    parseReference(text.slice(0, 200))
    await packed(text)
  },
  ignore(text) {
    const ignores = ignoresOf(text)
    for (const path of ['a', 'src/x.tmp', 'templates/.x', 'ac1.txt', 'é']) ignores(path, false)
  },
  set(text) {
    for (const flag of ['--set', '--set-string', '--set-json', '--set-file'] as const)
      parseSetting({ flag, text }, ['web'])
  },
}
