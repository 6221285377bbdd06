import * as Flags from '@oclif/core/flags'
import { stateFolder } from '../adapters/tools/folders.ts'
import { hearTraffic, openLogFile } from '../adapters/evidence/run-log.ts'
import { Events } from '../domain/events/events.ts'
import { again, hintLine } from '../hint.ts'
import { plainLines, timeOf } from './plain-lines.ts'
import type { Session } from './session.ts'
import { withoutCommand } from './without-command.ts'

export const verboseFlag = {
  verbose: Flags.boolean({
    description: 'say each request and each program as well, in plain lines',
    helpGroup: 'GLOBAL',
  }),
}

/** What a run has done, for who looks at it later: docs/troubleshooting.md, "What a run did". */
export interface RunLog {
  readonly note: (text: string) => void
  /** The block that a failed run ends with: it is named below it then. */
  readonly failed: (rows: readonly string[]) => void
}

interface Run extends Pick<Session, 'here' | 'output' | 'events' | 'json' | 'onClose'> {
  readonly command: string
  readonly version: string
  readonly verbose: boolean
}

/** Begins the log of this run; all that it hears is redacted as what a person sees is. */
export function openRunLog({ command, version, verbose, here, output, events, json, onClose }: Run): RunLog {
  const begun = new Date()
  const file = openLogFile(stateFolder(process.env, 'logs'), command, begun)
  const write = (line: string): void => file?.write(`${output.shown(line)}\n`)
  const stamped = (line: string): string => `${timeOf(new Date())} ${line}`
  // What a value is worth is not known yet.
  const typed = hintLine(again(), { ...withoutCommand(here), conceals: () => true })
  write(`${begun.toISOString()} forge ${version}, Node ${process.version}, ${process.platform} ${process.arch}`)
  write(`$ ${typed}`)
  let isWorthNaming = false
  let hasFailed = false
  const unheard = hearTraffic((text) => {
    isWorthNaming = true
    write(stamped(`│ ${text}`))
    if (verbose) process.stderr.write(`${output.shown(stamped(`│ ${text}`))}\n`)
  })
  events.on(['ended'], ({ outcome, code, message }) =>
    write(stamped(['ended', outcome, code, message].filter((one) => one !== null).join(' '))),
  )
  // The answer to a signal is for a screen: who gives it looks whether there is one.
  const heard = new Events()
  events.on(['step', 'detail', 'line'], (event) => heard.tell(event))
  plainLines(heard, { write, mask: output.shown, now: () => new Date(), later: atOnce })
  onClose(() => {
    unheard()
    const seconds = ((Date.now() - begun.getTime()) / 1000).toFixed(1)
    write(stamped(`exit status ${process.exitCode ?? 0} after ${seconds} s`))
    file?.close()
    if (hasFailed && isWorthNaming && file !== undefined && !json)
      process.stderr.write(`${output.shown(`        log: ${file.path}`)}\n`)
  })
  return {
    note: (text) => write(stamped(text)),
    failed: (rows) => {
      hasFailed = true
      rows.forEach(write)
    },
  }
}

/** A file is read when all is over: nothing is left out of it for being too soon. */
function atOnce(_ms: number, action: () => void): () => void {
  action()
  return () => undefined
}
