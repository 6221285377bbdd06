import * as z from 'zod'
import { NOTIFY_EVENTS } from '../notify/notice.ts'
import { sourceMap } from './schema-source.ts'
import { vaultRequirement } from './schema-vault.ts'
import {
  argumentName,
  backupSource,
  bytes,
  cores,
  dataKey,
  definitionName,
  duration,
  flag,
  objectName,
  operatorName,
  optional,
  platformName,
  rollback,
  scalar,
  secretId,
  vaultPath,
  serviceAddress,
  text,
  texts,
  wholeNumber,
  type Kit,
} from './schema-kit.ts'

export function imageSchema({ object, entries, source, sourceMap }: Kit) {
  const build = object({
    context: text
      .optional()
      .describe('The folder that the builder sees, or the address of a git repository; . unless said.'),
    dockerfile: text.optional().describe('Within the context; Dockerfile unless said.'),
    target: text.optional().describe('The stage of the Dockerfile that is the image; the last one unless said.'),
    args: entries(argumentName, z.union([scalar, sourceMap({})]))
      .optional()
      .describe('Build arguments: NAME → text, or a source. They can be read in the image: never a secret.'),
    secrets: entries(secretId, source({}))
      .optional()
      .describe('Secrets of the build (RUN --mount=type=secret,id=ID): ID → source. They are in no image.'),
    platforms: z
      .array(platformName)
      .min(1, { error: 'must name a platform' })
      .optional()
      .describe('Such as linux/amd64; that of this machine unless said.'),
    ssh: texts.optional().describe('Agents or keys of ssh for the build, as the builder takes them: default.'),
    cacheFrom: texts.optional().describe('Where layers may come from, as the builder takes it.'),
    cacheTo: texts.optional().describe('Where layers are kept, as the builder takes it.'),
    compose: text.optional().describe('A compose file; `service` names the one whose build is meant.'),
    service: text.optional().describe('With compose: the service.'),
  })
  return object({
    build: build.optional(),
    ref: text.optional().describe('An image that is built elsewhere.'),
    repository: text.optional().describe('Where it is pushed to.'),
    also: texts.optional().describe('More repositories that it is pushed to.'),
    to: z
      .union([text, texts])
      .optional()
      .describe('Chart values that receive the reference (release:path where there are several).'),
  })
}

export function secretSchema({ object, entries, source }: Kit) {
  const generate = z
    .union([z.literal(false), z.strictObject({ length: passwordLength })])
    .optional()
    .describe('Of this key alone: the password that `forge secrets generate` makes, or false for none.')
  const key = z.union([dataKey, z.strictObject({ name: dataKey, optional, rollback, generate })])
  return object({
    type: z.enum(['Opaque', 'tls', 'dockerconfigjson']).optional(),
    vault: vaultPath
      .optional()
      .describe('Its values live at this path of Vault or OpenBao, and not in a Kubernetes Secret; `keys` names them.'),
    each: source({}).optional().describe('The source of every one of `keys`; {key} is filled in, {KEY} in capitals.'),
    keys: z.array(key).optional(),
    files: entries(dataKey, source({ optional, rollback, generate })).optional().describe('Key → source.'),
    cert: source({}).optional().describe('Type tls: the certificate, its chain after it.'),
    key: source({}).optional().describe('Type tls: the private key.'),
    ca: source({}).optional().describe('Type tls: ca.crt, the CAs that clients trust; the issuer must be among them.'),
    service: objectName.optional().describe('Type tls: the Service whose names the certificate must hold.'),
    config: source({}).optional().describe('Type dockerconfigjson: the file of docker login.'),
    generate: generateSchema.optional().describe('What `forge secrets generate` makes.'),
    keep: flag.optional().describe("Where a source is missing, the cluster's value stays."),
    rollback,
  })
}

const passwordLength = wholeNumber
  .min(12, { error: 'must be at least 12' })
  .max(1024)
  .optional()
  .describe('Letters of a password; 32 unless said.')

const generateSchema = z.strictObject({
  length: passwordLength,
  ca: text.optional().describe('Folder of the CA that signs; made when it is not there.'),
  hosts: texts.optional().describe('Names of the certificate beside those of `service`; {namespace} is filled in.'),
  days: wholeNumber.min(1).max(3650).optional().describe('Validity of the certificate; 365 unless said.'),
})

export function checkSchema() {
  return z.strictObject({
    http: z.strictObject({
      service: text,
      port: z.union([wholeNumber.min(1).max(65535), text]),
      path: z.string().regex(/^\//u, { error: 'must start with /' }).optional(),
      status: wholeNumber.min(100).max(599).optional(),
      timeout: duration.optional(),
    }),
  })
}

const nodePool = z.strictObject({
  selector: z.record(text, scalar).optional().describe('Labels of the nodes; all nodes unless said.'),
  cpu: cores.optional().describe('What they must offer together, such as 8.5 or 8500m.'),
  memory: bytes.optional().describe('What they must offer together, such as 8.5Gi.'),
})

export function requirementsSchema(kit: Kit) {
  const { object, entries } = kit
  return object({
    crds: z.array(definitionName).optional().describe('Definitions of custom resources that must be served.'),
    operators: z.array(operatorName).optional().describe('NAME or NAMESPACE/NAME of workloads that must be running.'),
    secrets: entries(objectName, z.array(dataKey))
      .optional()
      .describe('Secrets that forge does not make, with their keys.'),
    services: z
      .array(serviceAddress)
      .optional()
      .describe('NAME, NAME:PORT, NAME.NAMESPACE:PORT or NAMESPACE/NAME:PORT of Services with ready endpoints.'),
    nodes: z.array(nodePool).optional().describe('Pools of nodes by their labels, with what they must offer together.'),
    storageClass: text.optional().describe('A name, or any: some default one.'),
    vault: vaultRequirement(kit).optional().describe('What of Vault must be there, whatever the charts ask for.'),
  })
}

export function noticeSchema() {
  return z.strictObject({
    webhook: sourceMap({}, false)
      .refine((source) => source.literal === undefined, {
        error: 'must not have the address itself, which is a secret: say where it is, such as { env: SLACK_WEBHOOK }',
      })
      .describe('Where the address is: an incoming webhook as Slack has them. It gets { "text": … }.'),
    on: z
      .array(z.enum(NOTIFY_EVENTS, { error: `must be ${NOTIFY_EVENTS.join(', ')}` }))
      .min(1, { error: 'must name what is told' })
      .optional()
      .describe('What is told; all of it unless said.'),
  })
}

export function backupSchema({ needed }: Kit) {
  return z.strictObject({
    from: needed(backupSource).describe('What makes it: ScheduledBackup/NAME of CloudNativePG, or CronJob/NAME.'),
    before: needed(z.array(text).min(1, { error: 'must name a stage' })).describe(
      'Stages of which no Job that migrates runs before the backup is there.',
    ),
    maxAge: duration.optional().describe('One that began no longer ago will do; each is made anew unless said.'),
    timeout: duration.optional().describe('How long it may take; 10m unless said.'),
  })
}
