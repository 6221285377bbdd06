/** The codes of `forge init`; part of the table of all codes (error-codes.ts). */
export const INIT_CODES = {
  E_INIT_CHART: {
    exit: 3,
    about:
      "helm's record of a release has nothing of the charts within its chart, or no chart that can be written to files: --chart names the chart itself.",
  },
  E_INIT_EXISTS: {
    exit: 3,
    about:
      'forge init would write a file that is there already. It writes nothing then: neither that file nor another.',
  },
  E_INIT_RELEASE: { exit: 2, about: 'The namespace has no release of the name that --from-release says.' },
  E_INIT_RENDER: {
    exit: 3,
    about:
      'The chart does not render what helm wrote for the release, so that the first deploy would change it: a post-renderer or another chart made it, or the cluster has other kinds by now. Nothing is written.',
  },
  E_INIT_STATE: {
    exit: 3,
    about:
      'The newest revision of the release is not deployed (it failed, is pending, or was uninstalled): what runs is not what its record says.',
  },
} as const satisfies Record<string, { exit: number; about: string }>
