/** The codes of `forge migrate-to-helm`; part of the table of all codes (error-codes.ts). */
export const MIGRATE_CODES = {
  E_LEGACY_REMOTE: {
    exit: 3,
    about:
      'A kustomization takes a part of the old stack from elsewhere: what it is there today need not be what was applied, and forge fetches nothing that nobody has looked at. Render it once into a folder, look at it, and give that folder to --from.',
  },
  E_LEGACY_RENDER: { exit: 3, about: 'kustomize cannot render the folder of --from; the message is its own.' },
  E_LEGACY_SELECTOR: {
    exit: 3,
    about: 'The label selector of --from-live says nothing, or nothing in the namespace has such labels.',
  },
  E_LEGACY_SOURCE: {
    exit: 3,
    about:
      'What --from names holds no manifests, or one that kubectl could not apply: it is not YAML, or lacks apiVersion, kind or metadata.name.',
  },
  E_LEGACY_TWICE: {
    exit: 3,
    about: 'Two manifests of the old stack describe one object; which of them was applied last is not known.',
  },
  E_BACKUP: {
    exit: 3,
    about: 'Before the first write everything is saved to a folder of this machine; without it nothing is begun.',
  },
  E_MIGRATE_BUILT_ON: {
    exit: 3,
    about:
      'Deploys since the migration stand on the release: giving the old stack back would lose what they brought. Roll back to the migration first, or go on with Helm.',
  },
  E_MIGRATE_CHECK: {
    exit: 3,
    about:
      'What --check asks in a pod must be answered before anything is changed, and in the same words afterwards; else the old stack comes back.',
  },
  E_MIGRATE_CLAIM: {
    exit: 3,
    about:
      'Data stays in its claim, and the chart would mount another one, or none: pods would begin with an empty volume. Give the chart the name of the claim, or agree with --confirm NAME that its data is left behind.',
  },
  E_MIGRATE_KIND: {
    exit: 3,
    about:
      'A Deployment and a StatefulSet of one name are two workloads, and Kubernetes cannot turn one into the other. Render the kind that runs; change it later, when its data is where the new one looks for it.',
  },
  E_MIGRATE_NONE: { exit: 3, about: 'Only a migration that stands can be undone.' },
  E_MIGRATE_NOTHING: {
    exit: 3,
    about: 'A release of which nothing runs is installed by a deploy; a migration takes over what is there.',
  },
  E_MIGRATE_PENDING: {
    exit: 3,
    about: 'A stack that does not run cannot be proven to run afterwards. Find out why its claim is not bound first.',
  },
  E_MIGRATE_REMADE: {
    exit: 4,
    about: 'What was to be taken over is another object than before: somebody deleted it meanwhile.',
  },
  E_MIGRATE_REPLACE: {
    exit: 3,
    about:
      'A selector, the address of a Service or another field is fixed for good, and the chart renders it otherwise. What runs is not taken away for it: change the value in the chart.',
  },
  E_MIGRATE_STATE: {
    exit: 3,
    about: 'How the old stack was is kept in one Secret of the cluster, and a Secret holds 1 MiB.',
  },
  E_MIGRATE_TWICE: {
    exit: 3,
    about:
      'Two workloads on one volume may destroy what is on it, and what is retired goes only when all is proven. Give the workload of the chart the name of the one that runs, and it goes on; or stop that one first, and what is on the volume is not served meanwhile.',
  },
  E_VALUES_EXISTS: {
    exit: 3,
    about: "A values file is somebody's work, also one that --write-values once wrote: it is never written over.",
  },
} as const satisfies Record<string, { exit: number; about: string }>
