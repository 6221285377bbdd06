import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parseConfig, resolveProject } from '../../src/domain/config/config.ts'
import { publishedSchema } from '../../src/flows/schema.ts'
import { minimal } from '../support/sample-config.ts'

/** A key of forge.yaml → the test that proves its effect: its file and a part of its name. */
type Row = readonly [file: string, name: string]

const RESERVED = 'unit/project-load'
const SOURCES: Row = ['unit/project-values', 'set: every kind of source, typed']
const CONFIG_MAPS: Row = ['unit/project-configmaps', 'dotenv, omit, set and files, as chart values with their lines']
const STEPS: Row = ['unit/project-configmaps', 'several steps, one after the other']
const GENERATE: Row = [
  'unit/secrets-generate',
  'makes what is missing, private, and then everything that can be is usable',
]
const OF_KEY: Row = ['unit/secrets-generate', 'what a key says itself wins over its secret']
const BUILT: Row = ['unit/images', 'built, tagged by content, pushed and pinned by digest']
const EVERYTHING: Row = ['unit/images-sources', 'target, arguments, platforms and the rest reach the builder']
const OVERLAY: Row = ['unit/config-resolve', 'lists are replaced, maps merged, stages keep the order of the project']
const RULES: Row = ['unit/config-effects', 'every grace and allowance is a rule of the judge']
const STAGE_RULES = 'unit/readiness-stage'

const PROOFS: Readonly<Record<string, Row>> = {
  version: ['unit/config-errors', 'version must be 1'],
  project: ['unit/config-resolve', "sandbox: the namespace is the project's name"],
  defaultEnvironment: ['unit/config-environment', 'the default'],
  environments: ['unit/config-environment', 'the one asked for'],
  'environments.*.cluster': ['cluster/deploy', 'a first deploy goes through the ten steps'],
  'environments.*.cluster.sandbox': ['unit/config-errors', 'is the sandbox or a context, not both'],
  'environments.*.cluster.context': ['unit/config-resolve', 'staging: the environment gives cluster and namespace'],
  'environments.*.cluster.uid': ['unit/scope', 'E_CLUSTER_IDENTITY'],
  'environments.*.cluster.load': [
    'unit/images-nodes',
    'one that names a registry is pushed, unless forge.yaml says that nodes take all',
  ],
  'environments.*.namespace': ['unit/config-resolve', 'staging: the environment gives cluster and namespace'],
  'environments.*.protected': ['cluster/plan-question', 'yes deploys what was shown'],
  'environments.*.drift': ['cluster/plan-owners', 'a field that another manager declares is refused'],
  'environments.*.drift.policy': ['cluster/plan-owners', 'a field that another manager declares is refused'],
  'environments.*.drift.preserve': ['cluster/plan-back', 'brings back what somebody had set, preserved or not'],
  'environments.*.pullCheck': ['unit/orchestration/pulls', 'with pullCheck: %s'],
  'environments.*.managedBy': ['unit/orchestration/gitops', 'an environment that is managed by %s'],
  'environments.*.promotes': [RESERVED, 'environments.dev.promotes'],
  'environments.*.releases': ['unit/config-resolve', "prod: its values come after the release's"],
  'environments.*.images': OVERLAY,
  'environments.*.secrets': OVERLAY,
  'environments.*.stages': OVERLAY,
  'environments.*.verify': OVERLAY,
  'environments.*.requirements': OVERLAY,
  'environments.*.backups': ['unit/backups', 'an environment has others, or none'],
  'environments.*.notify': ['unit/notify', 'an environment has listeners of its own, or none'],
  'environments.*.components': OVERLAY,
  releases: ['cluster/releases', 'a release waits until those that it needs are ready'],
  'releases.*.chart': ['unit/project-load', 'a chart that is not there'],
  'releases.*.repository': ['unit/helm-charts', 'helm is asked for the chart that forge.yaml names'],
  'releases.*.version': ['unit/helm-charts', 'helm is asked for the chart that forge.yaml names'],
  'releases.*.values': ['unit/project-values', 'files < images < set < configMaps < --values < --set'],
  'releases.*.values.yaml': ['unit/values-inside', 'values: the inside of a HelmRelease'],
  'releases.*.values.path': ['unit/values-inside', 'values: the inside of a HelmRelease'],
  'releases.*.set': ['unit/project-values', 'files < images < set < configMaps < --values < --set'],
  'releases.*.crds': ['cluster/definitions', 'update: what the plan shows is applied, and taken back after a failure'],
  'releases.*.needs': ['cluster/releases', 'a release waits until those that it needs are ready'],
  'releases.*.schema': ['cluster/rollback', 'code that cannot read the database is not gone back to'],
  'releases.*.schema.version': ['cluster/rollback', 'code that cannot read the database is not gone back to'],
  'releases.*.schema.oldestReader': ['cluster/rollback', 'code that cannot read the database is not gone back to'],
  'releases.*.configMaps': CONFIG_MAPS,
  'releases.*.configMaps.*.dotenv': CONFIG_MAPS,
  'releases.*.configMaps.*.set': CONFIG_MAPS,
  'releases.*.configMaps.*.omit': CONFIG_MAPS,
  'releases.*.configMaps.*.allow': CONFIG_MAPS,
  'releases.*.configMaps.*.files': CONFIG_MAPS,
  'releases.*.configMaps.*.files.*.transform': CONFIG_MAPS,
  'releases.*.configMaps.*.files.*.transform.replace': STEPS,
  'releases.*.configMaps.*.files.*.transform.with': ['unit/transforms', 'everywhere it stands, and literally'],
  'releases.*.configMaps.*.files.*.transform.set': ['unit/transforms', 'set %s'],
  'releases.*.configMaps.*.files.*.transform.omit': ['unit/transforms', 'omit takes the line away'],
  'releases.*.configMaps.*.files.*.transform.allowed-subnets': [
    'unit/transforms',
    'a record that no subnet fits lets nobody in',
  ],
  'releases.*.configMaps.*.files.*.transform.module': [
    'unit/project-modules',
    "the project's function gets the text and what it is about",
  ],
  'releases.*.ignoreVolatile': [
    'cluster/varying-charts',
    'what renders differently each time stays as it was deployed where forge.yaml says so',
  ],
  'releases.*.stages': [RESERVED, 'releases.api.stages'],
  'releases.*.manifests': ['cluster/manifests', 'plain manifests are a release'],
  'releases.*.kustomization': ['cluster/manifests', 'a kustomization is a release'],
  'releases.*.namespace': ['cluster/release-namespace', 'a release in a namespace of its own'],
  'releases.*.createNamespace': ['cluster/release-namespace', 'a namespace that forge makes gets its labels'],
  'releases.*.createNamespace.labels': ['cluster/release-namespace', 'a namespace that forge makes gets its labels'],
  'releases.*.takesOver': [
    'cluster/take-over',
    'a database moves to a release of its own without being touched, back, and forth',
  ],
  'source.file': SOURCES,
  'source.trim': ['unit/secrets-properties', 'a file gives exactly its bytes; trim: newline takes final newlines'],
  'source.yaml': SOURCES,
  'source.path': SOURCES,
  'source.env': SOURCES,
  'source.dotenv': SOURCES,
  'source.name': SOURCES,
  'source.command': SOURCES,
  'source.sops': ['unit/secrets-sources', 'every kind, and the redactor has them all'],
  'source.vault': ['vault/source', 'has a Secret and a value out of Vault'],
  'source.key': ['vault/source', 'has a Secret and a value out of Vault'],
  'source.literal': ['unit/secrets-sources', 'a literal is taken, with a warning'],
  'source.as': SOURCES,
  images: BUILT,
  'images.*.build': BUILT,
  'images.*.build.context': BUILT,
  'images.*.build.dockerfile': BUILT,
  'images.*.build.target': EVERYTHING,
  'images.*.build.args': EVERYTHING,
  'images.*.build.secrets': ['unit/images-sources', 'secrets reach the builder, are masked, and decide no tag'],
  'images.*.build.platforms': EVERYTHING,
  'images.*.build.ssh': EVERYTHING,
  'images.*.build.cacheFrom': EVERYTHING,
  'images.*.build.cacheTo': EVERYTHING,
  'images.*.build.compose': ['unit/images', 'compose: paths from its folder, variables from the .env beside it'],
  'images.*.build.service': ['unit/images', 'compose: paths from its folder, variables from the .env beside it'],
  'images.*.ref': ['unit/images', 'reference %s is used as it is'],
  'images.*.repository': ['unit/images', 'without a registry host it stays on this machine, and that is said'],
  'images.*.also': ['unit/images-also', 'is pushed to each, and deployed from the first'],
  'images.*.to': ['cluster/names', 'the value of an image'],
  secrets: ['unit/secrets-apply', 'a first time: the namespace is made, the revision is kept, then the Secret'],
  'secrets.*.type': ['unit/config-resolve', 'secrets: {key} is filled in, TLS has its two keys'],
  'secrets.*.each': ['unit/config-resolve', 'secrets: {key} is filled in, TLS has its two keys'],
  'secrets.*.keys': ['unit/config-resolve', 'secrets: {key} is filled in, TLS has its two keys'],
  'secrets.*.keys.name': ['cluster/rollback', 'a secret goes back with its deploy; a key whose rule is keep stays'],
  'secrets.*.keys.optional': ['unit/secrets-sources', 'every kind, and the redactor has them all'],
  'secrets.*.keys.rollback': ['cluster/rollback', 'a secret goes back with its deploy; a key whose rule is keep stays'],
  'secrets.*.files': ['unit/secrets-sources', 'every kind, and the redactor has them all'],
  'secrets.*.files.*.optional': ['unit/secrets-sources', 'every kind, and the redactor has them all'],
  'secrets.*.files.*.rollback': ['cluster/secrets-rotation', 'what forge must not rotate is refused'],
  'secrets.*.cert': ['unit/secrets-certificates', 'a right chain'],
  'secrets.*.key': ['unit/secrets-certificates', 'a right chain'],
  'secrets.*.ca': ['unit/secrets-certificates', 'the bundle of the CA that signs counts where the secret has none'],
  'secrets.*.service': ['unit/secrets-certificates', 'a name is missing: %s'],
  'secrets.*.config': ['unit/secrets-sources', 'dockerconfigjson'],
  'secrets.*.generate': GENERATE,
  'secrets.*.generate.length': ['unit/secrets-generate', 'passwords: length, alphabet, and no letter is preferred'],
  'secrets.*.keys.generate': OF_KEY,
  'secrets.*.keys.generate.length': OF_KEY,
  'secrets.*.files.*.generate': OF_KEY,
  'secrets.*.files.*.generate.length': OF_KEY,
  'secrets.*.generate.ca': GENERATE,
  'secrets.*.generate.hosts': ['unit/secrets-certificates', 'a name is missing: %s'],
  'secrets.*.generate.days': GENERATE,
  'secrets.*.keep': ['cluster/secrets-runner', 'a runner without any secret file deploys, changes no value'],
  'secrets.*.rollback': ['cluster/secrets-rotation', 'what forge must not rotate is refused'],
  stages: ['unit/stages', 'is what it names, Jobs by their label'],
  'stages.*.wait': ['unit/stages', 'must be rendered; the nearest name is told'],
  'stages.*.optional': ['unit/stages', 'leaves out optional ones that no chart renders'],
  'stages.*.timeout': ['cluster/interrupt', 'a stage that runs out of its time is rolled back'],
  'stages.*.minReady': ['cluster/causes', 'with minReady a stage is ready although a quota holds the last pod back'],
  'stages.*.grace': RULES,
  'stages.*.grace.settle': RULES,
  'stages.*.grace.controller': RULES,
  'stages.*.grace.pull': [STAGE_RULES, "'pull'"],
  'stages.*.grace.missing': RULES,
  'stages.*.grace.unschedulable': [STAGE_RULES, "'no node, over'"],
  'stages.*.grace.quota': RULES,
  'stages.*.grace.admission': RULES,
  'stages.*.grace.volume': RULES,
  'stages.*.grace.status': RULES,
  'stages.*.grace.unknown': [STAGE_RULES, "'unknown'"],
  'stages.*.allow': RULES,
  'stages.*.allow.crashes': [STAGE_RULES, "'crashes used up'"],
  'stages.*.allow.oomKills': [STAGE_RULES, "'kills'"],
  'stages.*.allow.evictions': RULES,
  verify: ['unit/verify', 'the wanted answer is taken at once'],
  'verify.http': ['unit/verify', 'the wanted answer is taken at once'],
  'verify.http.service': ['cluster/names', 'a Service'],
  'verify.http.port': ['cluster/names', 'a port'],
  'verify.http.path': ['unit/verify', 'the wanted answer is taken at once'],
  'verify.http.status': ['unit/verify', 'another answer is asked for again'],
  'verify.http.timeout': ['unit/verify', 'when the time of the check is up the last answer is the reason'],
  requirements: ['cluster/requirements', 'a deploy whose requirements are met says so'],
  'requirements.crds': ['cluster/requirements', 'is refused for all that is missing at once, and nothing is written'],
  'requirements.operators': ['cluster/requirements', 'E_REQUIRED_OPERATOR'],
  'requirements.secrets': ['cluster/requirements', 'E_REQUIRED_SECRET'],
  'requirements.services': ['cluster/requirements', 'E_REQUIRED_SERVICE'],
  'requirements.nodes': ['cluster/requirements', 'E_REQUIRED_NODES'],
  'requirements.nodes.selector': [
    'cluster/requirements',
    'is refused for all that is missing at once, and nothing is written',
  ],
  'requirements.nodes.cpu': ['unit/requirements', 'nodes of a pool'],
  'requirements.nodes.memory': ['unit/requirements', 'nodes of a pool'],
  'requirements.storageClass': ['cluster/requirements', 'E_REQUIRED_STORAGE'],
  'requirements.vault': [RESERVED, 'requirements.vault'],
  backups: ['cluster/backups', 'makes the backup before anything is written, and tells its name'],
  'backups.*.from': ['cluster/backups', 'makes the backup before anything is written, and tells its name'],
  'backups.*.before': ['cluster/backups', 'makes the backup before anything is written, and tells its name'],
  'backups.*.maxAge': ['cluster/backups', 'takes one that is young enough, by when it began'],
  'backups.*.timeout': ['cluster/backups', 'whose backup takes too long'],
  notify: ['cluster/notify', 'a deploy, a failed one and a rollback are told'],
  'notify.webhook': ['unit/notify', 'where the address is: %s'],
  'notify.on': ['cluster/notify', 'a deploy, a failed one and a rollback are told'],
  'environments.*.vault': ['unit/vault-source', 'an environment has one of its own'],
  vault: ['vault/source', 'has a Secret and a value out of Vault'],
  'vault.address': ['vault/source', 'has a Secret and a value out of Vault'],
  'vault.namespace': ['unit/vault-source', 'what forge.yaml says of Vault reaches it'],
  'vault.ca': ['vault/source', 'has a Secret and a value out of Vault'],
  'vault.auth': ['unit/vault-source', 'what forge.yaml says of Vault reaches it'],
  'vault.auth.method': ['unit/vault-source', 'what forge.yaml says of Vault reaches it'],
  'vault.auth.role': ['unit/vault-source', 'what forge.yaml says of Vault reaches it'],
  'vault.auth.mount': ['unit/vault-source', 'what forge.yaml says of Vault reaches it'],
  'vault.auth.jwt': ['unit/vault-source', 'what forge.yaml says of Vault reaches it'],
  components: ['unit/components', 'logs finds the pods of a CloudNativePG cluster by the name that people use'],
}

interface Node {
  readonly $ref?: string
  readonly anyOf?: readonly Node[]
  readonly oneOf?: readonly Node[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly additionalProperties?: Node | boolean
  readonly items?: Node
}

const SECTIONS = [
  'releases',
  'images',
  'secrets',
  'stages',
  'verify',
  'requirements',
  'backups',
  'notify',
  'components',
  'vault',
]
const SOURCE = [
  'file',
  'trim',
  'yaml',
  'path',
  'env',
  'dotenv',
  'name',
  'command',
  'sops',
  'vault',
  'key',
  'literal',
  'as',
]

/** Every key that the schema knows, each kind of place once: sources and stages stand in several. */
function keysOf(node: Node, defs: Readonly<Record<string, Node>>, path = ''): string[] {
  const { $ref, anyOf = [], oneOf = [], properties = {}, additionalProperties, items } = node
  const referred = $ref === undefined ? undefined : defs[$ref.replace('#/$defs/', '')]
  const isSource = ['file', 'literal'].every((key) => key in properties)
  const same = [
    ...anyOf,
    ...oneOf,
    ...(referred === undefined ? [] : [referred]),
    ...(items === undefined ? [] : [items]),
  ]
  const own = Object.entries(properties).flatMap(([key, inner]) => {
    if (isSource && SOURCE.includes(key)) return [`source.${key}`]
    const full = path === '' ? key : `${path}.${key}`
    // What an environment may override is the section again.
    const again = path === 'environments.*' && SECTIONS.includes(key)
    return again || full === 'releases.*.stages' ? [full] : [full, ...keysOf(inner, defs, full)]
  })
  const values = typeof additionalProperties === 'object' ? keysOf(additionalProperties, defs, `${path}.*`) : []
  return [...same.flatMap((one) => keysOf(one, defs, path)), ...own, ...values]
}

test('every key of forge.yaml has a test that proves its effect', () => {
  const schema = publishedSchema() as Node & { readonly $defs?: Readonly<Record<string, Node>> }
  const known = [...new Set(keysOf(schema, schema.$defs ?? {}))]
  expect(known.toSorted()).toEqual(Object.keys(PROOFS).toSorted())
})

test.each(Object.entries(PROOFS))('%s is proven by a test that is there', (_, [file, name]) => {
  const text = readFileSync(new URL(`../${file}.test.ts`, import.meta.url), 'utf8')
  expect(text).toContain(name)
})

test('every grace and allowance is a rule of the judge', () => {
  const grace = [
    'settle',
    'pull',
    'missing',
    'unschedulable',
    'quota',
    'admission',
    'volume',
    'status',
    'unknown',
    'controller',
  ]
  const allow = ['crashes', 'oomKills', 'evictions']
  const given = {
    grace: Object.fromEntries(grace.map((key, at) => [key, `${at + 11}s`])),
    allow: Object.fromEntries(allow.map((key, at) => [key, at + 5])),
  }
  const text = `${minimal}stages: ${JSON.stringify({ all: given })}\n`
  const { stages } = resolveProject(parseConfig(text), 'dev', { file: '/p/forge.yaml', dir: '/p' })
  expect(stages[0]?.rules).toEqual({
    settleMs: 11_000,
    pullGraceMs: 12_000,
    missingGraceMs: 13_000,
    unschedulableGraceMs: 14_000,
    quotaGraceMs: 15_000,
    admissionGraceMs: 16_000,
    volumeGraceMs: 17_000,
    statusGraceMs: 18_000,
    unknownErrorGraceMs: 19_000,
    controllerGraceMs: 20_000,
    crashesAllowed: 5,
    oomKillsAllowed: 6,
    evictionsAllowed: 7,
  })
})
