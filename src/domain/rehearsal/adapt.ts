import type { Project } from '../config/model.ts'

/** References by image name, as the plan in the environment has them. */
type Refs = ReadonlyMap<string, string>

const NOTHING_REQUIRED: Project['requirements'] = { crds: [], operators: [], secrets: [], services: [], nodes: [] }

/**
 * The project as a sandbox can carry it: what must be there was looked at in the environment itself, nothing is built, pulled,
 * backed up or written to Vault, and nobody is told how it ended.
 */
export function forSandbox(project: Project, refs: Refs): Project {
  const { managedBy: _, promotes: __, ...environment } = project.environment
  const { backups: _backups, notify: _notify, vaultSecrets: _vault, ...rest } = project
  return {
    ...rest,
    environment: { ...environment, cluster: { sandbox: true }, pullCheck: 'skip' },
    images: project.images.map((image) => {
      const ref = refs.get(image.name)
      return ref === undefined ? image : { ...image, from: { kind: 'ref', ref, by: 'the plan' } }
    }),
    requirements: NOTHING_REQUIRED,
  }
}
