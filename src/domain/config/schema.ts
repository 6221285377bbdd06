import * as z from 'zod'
import { GITOPS_TOOLS } from '../gitops.ts'
import { flag, kitFor, label, objectName, preserved, text, workload } from './schema-kit.ts'
import { LOADERS } from '../images/loaders.ts'
import {
  backupSchema,
  checkSchema,
  imageSchema,
  noticeSchema,
  requirementsSchema,
  secretSchema,
} from './schema-parts.ts'
import { vaultSchema } from './schema-vault.ts'
import { releaseSchema, stagesSchema } from './schema-release.ts'

/** forge.yaml, described once: types, messages and the published JSON Schema come from here. */
function sections(overlay: boolean) {
  const kit = kitFor(overlay)
  return kit.object({
    releases: kit.entries(label, releaseSchema(kit)).optional(),
    images: kit.entries(label, imageSchema(kit)).optional(),
    secrets: kit.entries(objectName, secretSchema(kit)).optional(),
    stages: stagesSchema(kit).optional().describe('Workloads to wait for, in this order.'),
    verify: z.array(checkSchema()).optional().describe('Requests that must succeed at the end.'),
    requirements: requirementsSchema(kit).optional().describe('What must be there before a deploy.'),
    backups: kit
      .entries(label, backupSchema(kit))
      .optional()
      .describe('Backups that are made before a Job that migrates.'),
    notify: z.array(noticeSchema()).optional().describe('Who is told how a deploy ended; [] tells nobody.'),
    vault: vaultSchema(kit).optional().describe('Where Vault is, and how pipelines log in there.'),
    components: kit
      .entries(label, workload)
      .optional()
      .describe('What people call a part of the stack → the object that it is.'),
  }).shape
}

/** `report` is what `refuse` was called at first. */
const driftPolicy = z.enum(['refuse', 'overwrite', 'report'], {
  error: 'must be refuse, overwrite, or a map with "preserve"',
})

const environment = z.strictObject({
  cluster: z
    .union([
      z.literal('sandbox', { error: 'must be "sandbox", or a map with "context"' }),
      z.strictObject({
        sandbox: text.optional(),
        context: text.optional(),
        uid: text.optional(),
        load: z.enum(LOADERS).optional(),
      }),
    ])
    .optional()
    .describe(
      'The sandbox, or a context of the kubeconfig; `uid` of the namespace kube-system proves which cluster it is; `load`: images go to its nodes from this machine.',
    ),
  namespace: label.optional().describe("The project's name unless said."),
  protected: flag.optional().describe('Asks after the preview, and is never chosen silently.'),
  drift: z
    .union([driftPolicy, z.strictObject({ policy: driftPolicy.optional(), preserve: z.array(preserved).optional() })])
    .optional()
    .describe('What happens to fields that somebody else changed.'),
  pullCheck: z
    .enum(['refuse', 'warn', 'skip'], { error: 'must be refuse, warn or skip' })
    .optional()
    .describe('What happens to an image that its registry does not give to the nodes; skip asks no registry.'),
  managedBy: z
    .enum(GITOPS_TOOLS, { error: 'must be flux or argocd' })
    .optional()
    .describe('Flux or Argo CD deploys there: forge plans and shows, and writes nothing.'),
  promotes: text
    .optional()
    .describe('The environment whose images are deployed here, by their digests, once they are proven there (--from).'),
  ...sections(true),
})

const base = sections(false)

export const configSchema = z.strictObject({
  version: z.literal(1, { error: 'must be 1, the only version that this forge knows' }),
  project: label.describe('The name of the project, of its lock and its journal.'),
  defaultEnvironment: label.optional(),
  environments: z.record(label, environment),
  ...base,
})

/** The sections of a project once an environment's overlay has been applied. */
export const resolvedSchema = z.strictObject(base)

export type Config = z.infer<typeof configSchema>
export type EnvironmentConfig = z.infer<typeof environment>
export type Sections = z.infer<typeof resolvedSchema>
export type ReleaseConfig = NonNullable<Sections['releases']>[string]
export type ConfigMapConfig = NonNullable<ReleaseConfig['configMaps']>[string]
export type ImageConfig = NonNullable<Sections['images']>[string]
export type SecretConfig = NonNullable<Sections['secrets']>[string]
export type BackupConfig = NonNullable<Sections['backups']>[string]
export type StagesConfig = NonNullable<Sections['stages']>

/** What `forge schema` prints and the package publishes as schema/forge.v1.json. */
export function jsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12', reused: 'ref' })
  return { ...schema, $id: 'https://api-forge.io/schema/forge.v1.json', title: 'forge.yaml, version 1' }
}
