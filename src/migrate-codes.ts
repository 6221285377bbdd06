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
} as const satisfies Record<string, { exit: number; about: string }>
