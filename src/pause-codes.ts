/** The codes of pausing and resuming; part of the table of all codes (error-codes.ts). */
export const PAUSE_CODES = {
  E_ENVIRONMENT_PAUSED: {
    exit: 3,
    about: 'forge pause brought the environment, or a part of it, to rest: what is written now would wake it half.',
  },
  E_PAUSE_JOB: { exit: 3, about: 'A Job runs that a pause would cut off from what it works on.' },
  E_PAUSE_NEEDED: {
    exit: 3,
    about: 'Only a part is paused or resumed, and by the stages something on the other side needs it.',
  },
  E_PAUSE_TIMEOUT: { exit: 5, about: 'The pods of what was paused are still there after the time that the stage has.' },
  E_PAUSE_UNDONE: { exit: 5, about: 'Somebody else woke a workload again while it was being paused.' },
} as const satisfies Record<string, { exit: number; about: string }>
