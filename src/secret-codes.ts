/** The codes of what can be wrong with a secret; part of the table of all codes (error-codes.ts). */
export const SECRET_CODES = {
  E_SECRET_CONSUMERS: {
    exit: 3,
    about: 'Restarting the consumers of a secret would do more than that; deploy first, or restart by deploying.',
  },
  E_SECRET_EMPTY: { exit: 3, about: 'A source of a secret is there, but empty.' },
  E_SECRET_HELD: {
    exit: 3,
    about:
      'A Secret belongs to another project or to a controller, or somebody changed it since forge wrote it. --overwrite-drift overwrites it once; `drift: { preserve: [Secret/name:data.key] }` in forge.yaml keeps the value.',
  },
  E_SECRET_IMMUTABLE: { exit: 3, about: 'The live Secret is immutable: its content cannot be changed in place.' },
  E_SECRET_INVALID: {
    exit: 3,
    about: 'A certificate, key or other value of a secret is not usable (not PEM, expired, does not match).',
  },
  E_SECRET_IN_CLUSTER: {
    exit: 3,
    about: 'The cluster holds this key already; a new value beside it would lock its consumers out.',
  },
  E_SECRET_MISSING: {
    exit: 3,
    about: 'Neither the project nor the cluster has a value for this key, and nothing of them could make it.',
  },
  E_SECRET_NEWLINE: {
    exit: 3,
    about: 'A value of one line ends with a newline, which would be taken for a part of the password or key.',
  },
  E_SECRET_PLACEHOLDER: { exit: 3, about: 'The value is the text of an example that nobody replaced.' },
  E_SECRET_REVISION: {
    exit: 3,
    about: 'A kept revision of a secret is missing, or holds something else than its number should.',
  },
  E_SECRET_REVISION_NEWER: {
    exit: 3,
    about: 'A newer forge kept this revision of a secret, and this one cannot read it; use that one.',
  },
  E_SECRET_ROTATION: {
    exit: 3,
    about:
      'forge cannot rotate this key: its other half lives elsewhere, or its source is not a file that forge makes.',
  },
  E_SECRET_SOURCE: { exit: 3, about: 'A file, variable or command that a secret is read from is missing or fails.' },
  E_SECRET_TYPE: {
    exit: 3,
    about: 'The live Secret has another type, which Kubernetes does not let anybody change in place.',
  },
  E_SECRET_VAULT: {
    exit: 3,
    about:
      'What lives in Vault is not written over: its newest version is deleted, its engine has no check-and-set, or somebody else wrote at the same moment.',
  },
} as const satisfies Record<string, { exit: number; about: string }>
