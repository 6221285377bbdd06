/** The codes of releases that have no chart; part of the table of all codes (error-codes.ts). */
export const PLAIN_CODES = {
  E_KUSTOMIZE: {
    exit: 3,
    about: 'kustomize cannot render the folder that `kustomization` of a release names; the message is its own.',
  },
  E_KUSTOMIZE_REMOTE: {
    exit: 3,
    about:
      'A kustomization takes a part from elsewhere: what it is there tomorrow need not be what was tried today, and forge fetches nothing for it. Put a copy into the repository.',
  },
  E_MANIFEST_INVALID: {
    exit: 3,
    about:
      'Something in the manifests of a release is no Kubernetes object: it is not YAML or JSON, or lacks apiVersion, kind or metadata.name.',
  },
  E_MANIFEST_MISSING: {
    exit: 3,
    about:
      'What `manifests` or `kustomization` of a release names is not there, or holds no object. A folder gives its own files *.yaml, *.yml and *.json, not those of folders in it.',
  },
  E_MANIFEST_TWICE: {
    exit: 3,
    about: 'Two places in the manifests of a release describe one object, and which of them is meant is not known.',
  },
} as const satisfies Record<string, { exit: number; about: string }>
