import * as z from 'zod'
import {
  dataKey,
  duration,
  label,
  labelKey,
  labelValue,
  objectName,
  scalar,
  stageName,
  text,
  texts,
  wholeNumber,
  workload,
  type Kit,
} from './schema-kit.ts'
import { transformSchema } from './schema-transform.ts'

const workloads = z.array(workload).optional()

const PERCENT = 'must be a percentage, such as 80%'

const window = (what: string) => duration.optional().describe(what)

const graceSchema = z.strictObject({
  settle: window('A pod without a readiness probe has to run so long; 3s unless said.'),
  pull: window('An image that cannot be pulled because of the network or the registry; 1m unless said.'),
  missing: window('A Secret, ConfigMap or key that neither forge nor the chart writes; 1m unless said.'),
  unschedulable: window('A pod that no node takes; 10s unless said.'),
  quota: window('A quota that is used up while old pods end; 10s unless said.'),
  admission: window('A webhook that does not answer, a missing service account; 10s unless said.'),
  volume: window('A volume that is not provided, attached or mounted yet; 1m unless said.'),
  status: window('A custom resource whose controller has said nothing; 10s unless said.'),
  controller: window('A custom resource that was changed, with no status written since; 30s unless said.'),
  vault: window("Vault's agent, where it cannot log in or read before a pod starts; 30s unless said."),
  unknown: window('Errors of starting a container that forge does not know; 10s unless said.'),
})

const budget = (what: string) => wholeNumber.min(0, { error: 'must not be negative' }).optional().describe(what)

const budgetSchema = z.strictObject({
  crashes: budget('Crashes of one container; 2 unless said.'),
  oomKills: budget('Kills for memory of one container; 1 unless said.'),
  evictions: budget('Evictions of the pods of one workload; 2 unless said.'),
})

export function stagesSchema({ object, entries }: Kit) {
  const stage = object({
    wait: workloads.describe('Workloads that must exist and be ready.'),
    optional: workloads.describe('Workloads that are waited for where the charts render them.'),
    timeout: duration
      .optional()
      .describe('How long the stage may take once those before it are ready; 5m unless said.'),
    minReady: z
      .string({ error: PERCENT })
      .regex(/^(?:100|[1-9]\d?)%$/u, { error: PERCENT })
      .optional()
      .describe('So many pods of each workload are enough; 100% unless said.'),
    grace: graceSchema.optional().describe('How long what may heal by itself has to last before it ends the deploy.'),
    allow: budgetSchema.optional().describe('Errors that are allowed before they end the deploy.'),
  })
  return entries(stageName, stage)
}

export function releaseSchema(kit: Kit) {
  const { object, entries, needed, sourceMap } = kit
  const set = z.union([scalar, z.null(), z.array(z.unknown()), sourceMap({ as: asText })])
  const version = wholeNumber.min(0, { error: 'must not be negative' })
  return object({
    chart: text
      .optional()
      .describe('A folder, a packed chart (.tgz), an OCI reference, or with `repository` a chart name.'),
    repository: text.optional().describe('The address of a chart repository.'),
    version: text.optional().describe('The exact version of a chart that is not a folder.'),
    values: z
      .array(z.union([text, valuesInside]))
      .optional()
      .describe('Values files; the last one wins. An environment adds its own after them.'),
    set: z.record(text, set).optional().describe('Value path → value, or a source.'),
    crds: z
      .enum(['create', 'update', 'skip'])
      .optional()
      .describe(
        "The definitions in the chart's crds/: made where they are missing (helm's way), brought up to date, or left out.",
      ),
    needs: z.array(label).optional().describe('Releases that are deployed before this one.'),
    schema: z
      .strictObject({ version: needed(version), oldestReader: needed(version) })
      .optional()
      .describe('The database schema that this code brings, and the oldest one whose code still runs on it.'),
    configMaps: entries(objectName, configMapSchema(kit))
      .optional()
      .describe('ConfigMap data, given to the chart as configMaps.NAME.KEY.'),
    ignoreVolatile: z
      .boolean()
      .optional()
      .describe('What the chart renders differently each time (a certificate, a time) stays as it was deployed.'),
    stages: stagesSchema(kit).optional().describe('Stages of this release alone. Reserved.'),
    manifests: z
      .union([text, texts])
      .optional()
      .describe('Instead of a chart: files, folders or patterns of plain Kubernetes objects.'),
    kustomization: text.optional().describe('Instead of a chart: a folder that kustomize renders.'),
    namespace: label
      .optional()
      .describe("Another namespace than the environment's; forge makes it where it is missing."),
    createNamespace: namespaceSchema(kit).optional().describe('How its namespace is made, where it is missing.'),
    takesOver: z
      .union([label, z.array(label)])
      .optional()
      .describe('Releases that give objects to this one, where it renders them now: they move, and are not made anew.'),
  })
}

function namespaceSchema({ needed }: Kit) {
  return z.strictObject({
    labels: needed(z.record(labelKey, labelValue)).describe(
      'Labels that it gets, such as pod-security.kubernetes.io/enforce: restricted.',
    ),
  })
}

const valuesInside = z.strictObject({
  yaml: text.describe('A YAML file; `path` names the map inside that holds the values.'),
  path: text.describe('Such as spec.values of a HelmRelease.'),
})

const asText = z.literal('string').optional().describe('Keep text that reads as a number or boolean.')

function configMapSchema({ object, entries, source, sourceMap, overlay }: Kit) {
  const transform = transformSchema(overlay)
  return object({
    dotenv: text.optional().describe('A dotenv file whose entries become keys.'),
    set: entries(dataKey, z.union([scalar, sourceMap({})]))
      .optional()
      .describe('Keys set here, over those of dotenv.'),
    omit: texts.optional().describe('Entries of dotenv that stay out.'),
    allow: texts.optional().describe('Keys that look like secrets but are not.'),
    files: entries(dataKey, source({ transform })).optional().describe('Key → file, or any other source.'),
  })
}
