/** The codes of looking at a component from within, and of telling others; part of the table of all codes (error-codes.ts). */
export const LOOK_CODES = {
  E_COMPONENT_UNKNOWN: { exit: 2, about: 'No pod and no workload of the namespace is called so.' },
  E_CONTAINER_UNKNOWN: { exit: 2, about: 'No pod of the component has a container of that name.' },
  E_NOTIFY_FAILED: {
    exit: 1,
    about:
      'A webhook of `notify` was not told how a deploy ended. It is a warning only: the exit status is that of the deploy.',
  },
  E_NOTIFY_SOURCE: {
    exit: 3,
    about: 'The address of a webhook of `notify` cannot be read where forge.yaml says it is, or is none.',
  },
} as const satisfies Record<string, { exit: number; about: string }>
