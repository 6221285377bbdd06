import { lstatSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import * as Flags from '@oclif/core/flags'
import { systemClock } from '../adapters/clock.ts'
import { halfFile, replaceFile } from '../adapters/files/temporary.ts'
import type { Events } from '../domain/events/events.ts'
import { exposition, type Family } from '../domain/metrics/exposition.ts'
import { LastRun, MEASURED, type Begun } from '../domain/metrics/last-run.ts'
import { unlessItFails } from '../expected.ts'
import { FLUSH_MS } from './event-file.ts'
import { refuseForeign, unwritable } from './own-file.ts'

/** Of the commands that bring an environment to a state and prove it. `exclusive`: flags with which they write nothing. */
export function metricsFlags(...exclusive: readonly string[]) {
  return {
    metrics: Flags.string({
      helpValue: 'FILE',
      description: 'write what came of it into this file, as metrics for Prometheus (docs/monitoring.md)',
      ...(exclusive.length === 0 ? {} : { exclusive: [...exclusive] }),
    }),
  }
}

/** Whoever collects metrics is another user, and there is nothing secret in them. */
const MODE = 0o644

interface Written {
  readonly begun: Begun
  readonly version: string
  readonly shown: (text: string) => string
  readonly warn: (text: string) => void
}

/**
 * `--metrics FILE`: what the run came to, in Prometheus' text format. Whether it can be written is tried at once: throws
 * E_FILE_UNWRITABLE. It is written when what is returned is called, as a whole; a run that has not told its end leaves what
 * was there. A file that can no longer be written changes nothing else: `warn` is told.
 */
export function writeMetrics(
  file: string,
  events: Events,
  { begun, version, shown, warn }: Written,
): () => Promise<void> {
  refuseForeign(file, { flag: '--metrics', what: "file of forge's metrics", isOwn, suffix: '-metrics.prom' })
  tryToWrite(file)
  const run = new LastRun(begun, version)
  const begin = systemClock.monotonic()
  events.on(MEASURED, (event) => run.hear(event))
  return async () => {
    const [finishedAt, seconds] = [systemClock.now() / 1000, (systemClock.monotonic() - begin) / 1000]
    const families = run.metrics({ finishedAt, seconds })
    if (families === undefined) return
    const text = exposition(families.map((one) => asShown(one, shown)))
    const written = unlessItFails(replaceFile(resolve(file), text, MODE), (why) =>
      warn(`${file} cannot be written to (${reasonOf(why)}): it has the metrics of an earlier run`),
    )
    const late = new AbortController()
    // A disk that hangs holds up the end for so long, as that of --events does.
    await Promise.race([written, unlessItFails(systemClock.after(FLUSH_MS, late.signal), () => undefined)])
    late.abort()
  }
}

function isOwn(head: string): boolean {
  return head.startsWith('# HELP forge_')
}

/** In the folder, because the file is replaced and not written to. */
function tryToWrite(file: string): void {
  const path = resolve(file)
  try {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found !== undefined && !found.isFile()) throw Object.assign(new Error(), { code: 'no plain file' })
    const half = halfFile(dirname(path))
    writeFileSync(half, '', { flag: 'wx' })
    rmSync(half)
  } catch (error) {
    throw unwritable(file, '--metrics', error)
  }
}

function asShown({ samples, ...family }: Family, shown: (text: string) => string): Family {
  return {
    ...family,
    samples: samples.map(({ labels, value }) => ({
      labels: Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, shown(text)])),
      value,
    })),
  }
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error'
}
