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
  E_POD_NOT_READY: { exit: 8, about: 'No pod of the component is ready, so there is none to be led to.' },
  E_PORT_TAKEN: {
    exit: 3,
    about: 'A port of this machine cannot be listened on: another program has it, or it is reserved.',
  },
  E_PORT_UNKNOWN: { exit: 2, about: 'The component has no such port, or several and it was not said which.' },
  E_SHELL_CUT: {
    exit: 7,
    about: 'The connection to a container ended before the command did: nobody knows its exit status.',
  },
  E_SHELL_MISSING: { exit: 3, about: 'The image of a container has no shell, or not the program that was to be run.' },
  E_SHELL_REFUSED: { exit: 3, about: 'A command was not begun in a container, for the reason that its node gives.' },
} as const satisfies Record<string, { exit: number; about: string }>
