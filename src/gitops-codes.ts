/** The codes of environments that Flux or Argo CD deploys; part of the table of all codes (error-codes.ts). */
export const GITOPS_CODES = {
  E_EXPORT: {
    exit: 3,
    about:
      'What forge would export is not known (an image that is built), would stand in a file in the clear (a secret), or would not be found by the controller (a chart outside the repository).',
  },
  E_FOLLOW_FAILED: {
    exit: 4,
    about:
      'Flux or Argo CD could not apply the revision, or took it back by itself: the reason is its own. forge rolls nothing back there; a revert in Git does.',
  },
  E_FOLLOW_NO_OWNER: {
    exit: 3,
    about:
      'No object of the environment bears a mark of Flux or Argo CD, and no HelmRelease or Application deploys it; or its owner is in another cluster.',
  },
  E_FOLLOW_REVISION: {
    exit: 3,
    about:
      'Which revision to follow is not known: there is no commit to take, or what is applied comes from no Git repository.',
  },
  E_FOLLOW_SUPERSEDED: {
    exit: 8,
    about:
      'Another revision was applied before or after the wanted one: whether that ever ran cannot be told any more.',
  },
  E_FOLLOW_SUSPENDED: {
    exit: 8,
    about:
      'The revision will not be applied by itself: what applies it is suspended, or syncs only when somebody says so.',
  },
  E_FOLLOW_TIMEOUT: {
    exit: 8,
    about: 'The time of --timeout is up, and the revision is neither applied nor has it failed: it may still be.',
  },
  E_FOLLOW_UNKNOWN: {
    exit: 8,
    about: 'The revision is applied, and whether all of it runs could not be looked at.',
  },
  E_GITOPS_OWNED: {
    exit: 3,
    about:
      'Flux or Argo CD owns what would be written (their labels and annotations say so, or managedBy in forge.yaml), and would take it back: change it in their repository. To hand it over, suspend the owner and take its marks off first.',
  },
} as const
