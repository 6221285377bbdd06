import type { ReleaseRecord } from '../helm/model.ts'
import { recordName } from '../helm/record.ts'
import { SECRET_KIND } from '../journal/labels.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import { withObjects } from '../manifest/keep-values.ts'
import type { Rendered } from '../manifest/parse.ts'

const CHART = { name: 'before-helm', version: '0.0.0' } as const
const DESCRIPTION = 'What ran before Helm, written down by forge migrate-to-helm'

/** The revision that stands for what ran before helm. helm's own first one comes after it. */
export const LEGACY_REVISION = 1

/** Whether a revision is what ran before helm, or a way back to it: helm copies the chart of the one that it goes back to. */
export function isLegacy({ chart }: Pick<ReleaseRecord, 'chart'>): boolean {
  return chart.name === CHART.name && chart.version === CHART.version
}

/**
 * A release is told by helm's records alone. With a record of what ran before, the first chart is an upgrade of it: helm takes
 * away the fields that were stated and are no more, runs the hooks of an upgrade and not those of an install, and every way
 * back that forge and helm know leads to what ran before. Patched by both helms: nothing of it was ever applied by helm 4.
 */
export function legacyRecord(name: string, objects: readonly KubeObject[], at: string): ReleaseRecord {
  const manifest = manifestOf(objects)
  return {
    ...{ name, revision: LEGACY_REVISION, status: 'deployed', description: DESCRIPTION, installedAt: at },
    chart: CHART,
    manifest,
    hooks: [],
    config: {},
    applyMethod: 'patch',
    bytes: manifest.length,
    unwritten: true,
  }
}

/** What the record states, as read from it. */
export function legacyObjects(objects: readonly KubeObject[]): readonly Rendered[] {
  return objects.map((object) => ({ object, template: templateOf(object) }))
}

/** By name, so that the same stack gives the same text. */
function manifestOf(objects: readonly KubeObject[]): string {
  const sorted = objects.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other)))
  return withObjects('', sorted, templateOf)
}

function templateOf({ kind, metadata: { name } }: KubeObject): string {
  return `${CHART.name}/${kind.toLowerCase()}-${name}.yaml`
}

/** helm's own form of it (pkg/release, and the labels of its storage driver): the text to pack, and the Secret around that. */
export function storedRecord(
  record: ReleaseRecord,
  namespace: string,
): { readonly text: string; readonly secret: KubeObject } {
  const { name, revision, status, description, installedAt, manifest, chart } = record
  const content = {
    name,
    info: { first_deployed: installedAt, last_deployed: installedAt, deleted: '', description, status },
    chart: {
      metadata: { name: chart.name, version: chart.version, apiVersion: 'v2', description, type: 'application' },
      lock: null,
      templates: [],
      values: {},
      schema: null,
      files: [],
    },
    config: {},
    manifest,
    version: revision,
    namespace,
    apply_method: 'csa',
  }
  const labels = { name, owner: 'helm', status, version: String(revision) }
  const metadata = { name: recordName(name, revision), namespace, labels }
  return { text: JSON.stringify(content), secret: { ...SECRET_KIND, metadata, type: 'helm.sh/release.v1' } }
}
