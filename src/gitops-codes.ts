/** The codes of environments that Flux or Argo CD deploys; part of the table of all codes (error-codes.ts). */
export const GITOPS_CODES = {
  E_EXPORT: {
    exit: 3,
    about:
      'What forge would export is not known (an image that is built), would stand in a file in the clear (a secret), or would not be found by the controller (a chart outside the repository).',
  },
  E_GITOPS_OWNED: {
    exit: 3,
    about:
      'Flux or Argo CD owns what would be written (their labels and annotations say so, or managedBy in forge.yaml), and would take it back: change it in their repository. To hand it over, suspend the owner and take its marks off first.',
  },
} as const
