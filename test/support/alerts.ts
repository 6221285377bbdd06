import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './forge.ts'

interface Schema {
  readonly properties: {
    readonly monitoring: {
      readonly properties: {
        readonly rules: {
          readonly properties: { readonly disabled: { readonly items: { readonly enum: readonly string[] } } }
        }
      }
    }
  }
}

const schema = JSON.parse(
  readFileSync(join(ROOT, 'k8s', 'charts', 'temporal-worker', 'values.schema.json'), 'utf8'),
) as Schema

/** Names of all alerts of the chart temporal-worker, as its schema has them; test/cluster/monitoring-chart.test.ts holds the chart against it. */
export const ALERTS = schema.properties.monitoring.properties.rules.properties.disabled.items.enum

/** The page of `TemporalWorkerDown` in docs/runbooks is called `temporal-worker-down`, and so on. */
export const runbookOf = (alert: string): string => `${alert.replaceAll(/(?<=[a-z])(?=[A-Z])/gu, '-').toLowerCase()}.md`
