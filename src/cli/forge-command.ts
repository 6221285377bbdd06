import { Command } from '@oclif/core/command'
import * as Errors from '@oclif/core/errors'
import * as Flags from '@oclif/core/flags'
import type * as Interfaces from '@oclif/core/interfaces'
import { Redactor } from '../domain/redact/redactor.ts'
import { documentText } from '../screen/document-text.ts'
import type { ForgeError } from '../errors.ts'
import { namespaceRefused } from '../flows/project/namespace-refused.ts'
import type { Group } from './groups.ts'
import { answerSignal } from './answer-signal.ts'
import { failureRows } from './end-with.ts'
import { hearLostOutput, type Purpose } from './lost-output.ts'
import { openOutput, type Output } from './output.ts'
import { verboseFlag } from './run-log.ts'
import { openSession, startingPlace, type Session, type SessionFlags } from './session.ts'
import { tellFailure } from './tell-failure.ts'
import type { Known } from './usage.ts'
import { fit } from './width.ts'
import { untrustedFlags, untrustedRun, type UntrustedRun } from './untrusted.ts'

/** Flags that mean the same everywhere (docs/design.md, "Output": kubectl's and helm's habits hold). */
export const projectFlags = {
  env: Flags.string({ char: 'e', env: 'FORGE_ENV', description: 'environment of forge.yaml', helpGroup: 'PROJECT' }),
  dir: Flags.string({
    char: 'C',
    helpValue: 'DIR',
    description: 'project folder (default: here, or a parent)',
    helpGroup: 'PROJECT',
  }),
  namespace: Flags.string({ char: 'n', hidden: true }),
}

export const clusterFlags = {
  kubeconfig: Flags.string({ helpValue: 'FILE', description: 'kubeconfig to use', helpGroup: 'CLUSTER' }),
  context: Flags.string({
    description: 'context of the kubeconfig, instead of the one in forge.yaml',
    helpGroup: 'CLUSTER',
  }),
}

const several = { multiple: true, multipleNonGreedy: true } as const

export const valuesFlags = {
  values: Flags.string({
    char: 'f',
    ...several,
    helpValue: 'FILE',
    description: 'values file, after those of forge.yaml',
  }),
  set: Flags.string({
    ...several,
    helpValue: 'PATH=VALUE',
    description: 'one chart value (RELEASE:PATH=VALUE in one of several releases), wins over all files',
  }),
  'set-string': Flags.string({ ...several, helpValue: 'PATH=TEXT', description: 'the same, always text' }),
  'set-json': Flags.string({ ...several, helpValue: 'PATH=JSON', description: 'the same, as JSON' }),
  'set-file': Flags.string({ ...several, helpValue: 'PATH=FILE', description: 'the same, the text of a file' }),
}

/** Which of several releases. */
export const releaseFlags = {
  release: Flags.string({
    ...several,
    helpValue: 'NAME',
    description: 'this one of several releases, with what it needs; --values and --set then reach it alone',
  }),
  only: Flags.boolean({ dependsOn: ['release'], description: 'of --release: without what it needs' }),
}

type Values = Record<string, unknown>

export type FlagsOf<T extends typeof Command> = Interfaces.InferredFlags<T['flags']>

/** A command parses, wires, runs and prints; what goes wrong is told here, in the same five rows for all. */
export abstract class ForgeCommand extends Command {
  static override enableJsonFlag = true
  /** Where `forge --help` shows it, if not below its topic. */
  static group?: Group
  static purpose: Purpose = 'reading'
  /** Of every command: none can forget to ask. */
  static override baseFlags = { ...untrustedFlags, ...verboseFlag }
  #session: Session | undefined
  #untrusted: UntrustedRun | undefined
  #opened: Output | undefined

  /** Before anything is said: nobody can forget it. */
  protected override async init(): Promise<void> {
    await super.init()
    this.#opened = this.#output
    hearLostOutput(process, (lost) => this.#tellLost(lost))
  }

  #tellLost(lost: ForgeError): void {
    const here = this.#session?.here ?? startingPlace({}, this.#output.redactor)
    const isResult = this.#purpose !== 'writing'
    if (isResult) process.exitCode = lost.exitStatus
    const done = `warning  ${lost.message} (${lost.code}); what was done is done, and the exit status says how it ended`
    const rows = isResult ? failureRows(lost, { here, output: this.#output }) : [done]
    process.stderr.write(`${rows.join('\n')}\n`)
  }

  get #purpose(): Purpose {
    return (this.ctor as typeof ForgeCommand).purpose
  }

  get #output(): Output {
    this.#opened ??= openOutput(new Redactor(), this.jsonEnabled(), process.env['GITHUB_ACTIONS'] === 'true')
    return this.#opened
  }

  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: Interfaces.Input<F, B, A>,
    argv?: string[],
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    // A line that is wrong was parsed, too: where NODE_ENV says `test`, as in pipelines, oclif would warn that it was not.
    this.parsed = true
    const given = options === undefined ? undefined : withInherited(options)
    const parsed = await super.parse<F, B, A>(given, argv).catch(async (error: unknown) => {
      throw (await import('./usage.ts')).usageError(error, this.#known(), process.argv.slice(2))
    })
    this.#untrusted = untrustedRun(parsed.flags, { ...this.ctor.flags }, process.env)
    if (this.#untrusted !== undefined) (await import('./astray.ts')).refuseAstray(parsed.flags)
    return parsed
  }

  #known(): Known {
    const { flags, baseFlags, args } = this.ctor
    const command = (this.id ?? '').replaceAll(':', ' ')
    return { command, flags: { ...baseFlags, ...flags }, takes: Object.keys(args).length }
  }

  /** What the flags say about project, environment and cluster, with the signal that Ctrl-C aborts. */
  protected session(flags: SessionFlags): Session {
    // Commands that do without a checkout take it, and say themselves when.
    if (flags.namespace !== undefined && this.ctor.flags['project'] === undefined) throw namespaceRefused()
    const run = { command: this.id ?? '', version: this.config.version, json: this.jsonEnabled() }
    this.#session = openSession(flags, { ...run, untrusted: this.#untrusted }, this.#output)
    answerSignal(this.#purpose, this.#session)
    return this.#session
  }

  /** stdout is the result: nothing else writes there. Redacted like everything that leaves forge. */
  protected print(text: string): void {
    if (!this.jsonEnabled()) process.stdout.write(`${this.#output.shown(text)}\n`)
  }

  /** A row of a screen; in a terminal it takes as many lines as it needs. */
  protected printRow(row: string): void {
    if (!this.jsonEnabled()) process.stdout.write(`${fit([this.#output.shown(row)], process.stdout)}\n`)
  }

  /** oclif's own is in colours. */
  override warn(input: string): string {
    if (!this.jsonEnabled()) process.stderr.write(`${fit([`Warning: ${this.#output.shown(input)}`], process.stderr)}\n`)
    return input
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${documentText(json, this.#output.shown)}\n`)
  }

  protected override async catch(error: Error & { oclif?: { exit?: number } }): Promise<void> {
    // Already told: `exit(n)` and `--help` travel as errors too.
    if (error instanceof Errors.ExitError) throw error
    const output = this.#output
    const here = this.#session?.here ?? startingPlace({}, output.redactor)
    const { events, log } = this.#session ?? {}
    await tellFailure(error, { command: this.id ?? '', json: this.jsonEnabled(), here, output, events, log })
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    await this.#session?.close()
    this.#output.close()
    await super.finally(error)
  }
}

/** oclif spreads the class, and so reads neither the arguments nor `strict` of a base command. */
function withInherited<F extends Values, B extends Values, A extends Values>(
  options: Interfaces.Input<F, B, A>,
): Interfaces.Input<F, B, A> {
  const { args, strict, flags, baseFlags, enableJsonFlag } = options
  return {
    ...options,
    ...(args === undefined ? {} : { args }),
    ...(strict === undefined ? {} : { strict }),
    ...(flags === undefined ? {} : { flags }),
    ...(baseFlags === undefined ? {} : { baseFlags }),
    ...(enableJsonFlag === undefined ? {} : { enableJsonFlag }),
  }
}
