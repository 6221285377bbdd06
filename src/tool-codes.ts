/** The codes of what is wrong with the programs that forge runs; part of the table of all codes (error-codes.ts). */
export const TOOL_CODES = {
  E_HELM_DRIVER: {
    exit: 3,
    about: 'HELM_DRIVER keeps the records of helm elsewhere than in Secrets, where forge reads them.',
  },
  E_TOOL_CHECKSUM: {
    exit: 3,
    about:
      'What was fetched as helm is not what this version of forge knows it to be: a proxy answered in its place, or somebody changed it. Or the package of the sandbox is not whole: install it anew. Nothing of it is kept. A helm of your own, on PATH or in FORGE_HELM, is used as it is.',
  },
  E_TOOL_GO: { exit: 3, about: 'Something has to be built with Go, which is not on this machine.' },
  E_TOOL_HELM: { exit: 3, about: 'helm could not be started.' },
  E_TOOL_MISSING: { exit: 3, about: 'A tool that forge needs was not found and could not be obtained.' },
  E_TOOL_VERSION: {
    exit: 3,
    about:
      'A tool is too old for forge, or there is none of the version that FORGE_HELM_VERSION (`helm-version` of the action) wants: neither on PATH, nor among the few that forge can fetch, because it knows their checksums.',
  },
} as const satisfies Record<string, { exit: number; about: string }>
