import * as z from 'zod'
import { TRANSFORMS } from './model.ts'
import {
  dataKey,
  duration,
  label,
  objectName,
  scalar,
  stageName,
  text,
  texts,
  wholeNumber,
  workload,
  type Kit,
} from './schema-kit.ts'

const workloads = z.array(workload).optional()

export function stagesSchema({ entries }: Kit) {
  const stage = z.strictObject({
    wait: workloads.describe('Workloads that must exist and be ready.'),
    optional: workloads.describe('Workloads that are waited for where the charts render them.'),
    timeout: duration
      .optional()
      .describe('How long the stage may take once those before it are ready; 5m unless said.'),
  })
  return entries(stageName, stage)
}

export function releaseSchema(kit: Kit) {
  const { entries, needed, sourceMap } = kit
  const set = z.union([scalar, z.null(), z.array(z.unknown()), sourceMap({ as: asText })])
  const version = wholeNumber.min(0, { error: 'must not be negative' })
  return z.strictObject({
    chart: needed(text).describe('A folder, an OCI reference, or with `repository` a chart name.'),
    repository: text.optional().describe('The address of a chart repository.'),
    version: text.optional().describe('The exact version of a chart that is not a folder.'),
    values: texts.optional().describe('Values files; the last one wins. An environment adds its own after them.'),
    set: z.record(text, set).optional().describe('Value path → value, or a source.'),
    needs: z.array(label).optional().describe('Releases that are deployed before this one.'),
    schema: z
      .strictObject({ version: needed(version), oldestReader: needed(version) })
      .optional()
      .describe('The database schema that this code brings, and the oldest one whose code still runs on it.'),
    configMaps: entries(objectName, configMapSchema(kit))
      .optional()
      .describe('ConfigMap data, given to the chart as configMaps.NAME.KEY.'),
    stages: stagesSchema(kit).optional().describe("Stages of this release alone, instead of the project's."),
    manifests: z.union([text, texts]).optional().describe('Reserved.'),
    namespace: label.optional().describe("Another namespace than the environment's. Reserved."),
    takesOver: z.unknown().optional().describe('Reserved.'),
  })
}

const asText = z.literal('string').optional().describe('Keep text that reads as a number or boolean.')

function configMapSchema({ entries, source, sourceMap }: Kit) {
  const transform = z.enum(TRANSFORMS).optional().describe('A named change to the text.')
  return z.strictObject({
    dotenv: text.optional().describe('A dotenv file whose entries become keys.'),
    set: entries(dataKey, z.union([scalar, sourceMap({})]))
      .optional()
      .describe('Keys set here, over those of dotenv.'),
    omit: texts.optional().describe('Entries of dotenv that stay out.'),
    allow: texts.optional().describe('Keys that look like secrets and are none.'),
    files: entries(dataKey, source({ transform })).optional().describe('Key → file, or any other source.'),
  })
}
