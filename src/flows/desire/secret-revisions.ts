import { isMap } from '../../domain/config/path.ts'
import { loadHelmYaml } from '../../domain/manifest/yaml.ts'
import { chartText } from '../project/chart-text.ts'
import type { Configured, ConfiguredRelease } from '../phases/desired.ts'
import type { DeployPorts } from '../phases/ports.ts'

/** The chart value through which pods learn in which revision a secret key last changed (docs/secrets.md). */
const VALUE = 'secretRevisions'

/**
 * The release's values with the revisions of the project's secrets, if the chart takes them: a chart says so by having
 * `secretRevisions` among its own values, so a chart of somebody else never meets a value that it does not know.
 */
export async function withSecretRevisions(
  { release, configuration }: ConfiguredRelease,
  { charts, secretPlans }: Pick<Configured, 'charts' | 'secretPlans'>,
  { project, signal }: Pick<DeployPorts, 'project' | 'signal'>,
): Promise<Readonly<Record<string, unknown>>> {
  if (secretPlans.length === 0) return configuration.values
  const { chart, local } = release.chart
  const text = local ? await chartText(chart, 'values.yaml', project) : await charts.defaults(release.chart, signal)
  // Looking for the name first spares most charts a parse of their whole values file.
  const own = text?.includes(`${VALUE}:`) === true ? loadHelmYaml(text).value : undefined
  return isMap(own) && Object.hasOwn(own, VALUE)
    ? withRevisions(configuration.values, secretPlans)
    : configuration.values
}

/** The values of a release that runs, with the numbers of these secrets; a chart that was given none gets none. */
export function withNewRevisions(
  values: Readonly<Record<string, unknown>>,
  plans: Configured['secretPlans'],
): Readonly<Record<string, unknown>> {
  return Object.hasOwn(values, VALUE) ? withRevisions(values, plans) : values
}

function withRevisions(
  values: Readonly<Record<string, unknown>>,
  plans: Configured['secretPlans'],
): Readonly<Record<string, unknown>> {
  const revisions = Object.fromEntries(plans.map(({ name, keyRevisions }) => [name, keyRevisions]))
  return { ...values, [VALUE]: { ...(values[VALUE] as object | undefined), ...revisions } }
}
