import { FLAG_GROUPS, type Group } from './hint-flags.ts'

/**
 * A command that helps, as data. It says what is to be done; `hintLine` adds what makes it meet the cluster, the project
 * and the values of this run, quotes it, and makes the one line that a person can copy. There is no hint as a text.
 */
export type Hint =
  | { readonly kind: 'kubectl' | 'helm'; readonly args: readonly string[]; readonly namespace?: string }
  | { readonly kind: 'forge'; readonly args: readonly string[] }
  /** The command that was typed, and more. */
  | { readonly kind: 'again'; readonly args: readonly string[]; readonly without: readonly string[] }
  /** Any other program. */
  | { readonly kind: 'program'; readonly argv: readonly string[] }
  /** What another one prints, in a variable of the shell, or in a file that only its owner may read. */
  | { readonly kind: 'exported'; readonly name: string; readonly from: Hint }
  | { readonly kind: 'saved'; readonly file: string; readonly from: Hint }
  /** One after the other, if the one before succeeds. */
  | { readonly kind: 'sequence'; readonly hints: readonly Hint[] }

/** `namespace`: where the objects are; none for what has no namespace. */
export function kubectl(args: readonly string[], namespace?: string): Hint {
  return { kind: 'kubectl', args, ...(namespace === undefined ? {} : { namespace }) }
}

export function helm(args: readonly string[], namespace?: string): Hint {
  return { kind: 'helm', args, ...(namespace === undefined ? {} : { namespace }) }
}

/** `forge('history', '42')`. Project, environment, cluster and values are added where the command takes them. */
export function forge(...args: readonly string[]): Hint {
  return { kind: 'forge', args }
}

/** The same command again, with more flags: one that was typed with another value is replaced. */
export function again(...args: readonly string[]): Hint {
  return { kind: 'again', args, without: [] }
}

/** The same command without flags (`-n`) that it does not take, and with others. */
export function againWithout(without: readonly string[], ...args: readonly string[]): Hint {
  return { kind: 'again', args, without }
}

export function program(...argv: readonly string[]): Hint {
  return { kind: 'program', argv }
}

/** Without final newlines, as a shell has it. */
export function exported(name: string, from: Hint): Hint {
  return { kind: 'exported', name, from }
}

/** Byte for byte; its folder is made. */
export function saved(file: string, from: Hint): Hint {
  return { kind: 'saved', file, from }
}

export function sequence(...hints: readonly Hint[]): Hint {
  return { kind: 'sequence', hints }
}

/** More words at the end of a hint, or of its last command. */
export function extended(hint: Hint, ...more: readonly string[]): Hint {
  switch (hint.kind) {
    case 'program':
      return { ...hint, argv: [...hint.argv, ...more] }
    case 'sequence':
      return {
        ...hint,
        hints: hint.hints.map((one, at) => (at === hint.hints.length - 1 ? extended(one, ...more) : one)),
      }
    case 'exported':
    case 'saved':
      return { ...hint, from: extended(hint.from, ...more) }
    case 'forge':
    case 'again':
    case 'kubectl':
    case 'helm':
      return { ...hint, args: [...hint.args, ...more] }
  }
}

/** How kubectl and helm are led to a cluster. Inside one, neither is named. */
export interface ClusterName {
  readonly kubeconfig?: string
  readonly context?: string
}

/** What sets single chart values, in the order in which helm applies them. */
export const SET_FLAGS = ['set-json', 'set', 'set-string', 'set-file'] as const

/** What was given with each of them. */
export type SetTexts = { readonly set: readonly string[] } & {
  readonly [name in (typeof SET_FLAGS)[number]]?: readonly string[]
}

/** Flags of this run that other commands of forge take, too. */
export interface GivenFlags extends ClusterName, Partial<SetTexts> {
  readonly dir?: string
  readonly env?: string
  readonly namespace?: string
  readonly project?: string
  readonly values?: readonly string[]
  readonly untrusted?: boolean
  readonly 'allow-env'?: string
  readonly 'allow-chart'?: string
  readonly release?: readonly string[]
  readonly only?: boolean
  /** `--image` */
  readonly image?: readonly string[]
  /** `--from ENV` of deploy and plan; that of a migration is a folder. */
  readonly promotes?: string
}

/** What a run is about: all that a hint has to name again. */
export interface HintPlace {
  /** What was typed after `forge`. */
  readonly typed: readonly string[]
  readonly given: GivenFlags
  /** Undefined: none was chosen yet. */
  readonly cluster: ClusterName | undefined
  /** The helm of this run, where it is not the one that a shell finds. */
  readonly helm: string | undefined
  /** Of `--set NAME=VALUE`: must the value not be shown? */
  readonly conceals: (name: string, value: string) => boolean
}

/** One line for a POSIX shell. */
export function hintLine(hint: Hint, place: HintPlace): string {
  switch (hint.kind) {
    case 'kubectl':
      return ['kubectl', ...clusterFlags(place, '--context'), ...namespaceFlag(hint), ...hint.args]
        .map(shellWord)
        .join(' ')
    case 'helm': {
      const flags = clusterFlags(place, '--kube-context')
      return [place.helm ?? 'helm', ...flags, ...namespaceFlag(hint), ...hint.args].map(shellWord).join(' ')
    }
    case 'forge':
      return forgeLine([...hint.args, ...flagsFor(hint.args, place)], place)
    case 'again':
      return forgeLine(againWords(place.typed, hint), place)
    case 'program':
      return hint.argv.map(shellWord).join(' ')
    case 'exported':
      return `export ${hint.name}="$(${hintLine(hint.from, place)})"`
    case 'saved': {
      const folder = hint.file.includes('/') ? `mkdir -p ${shellWord(hint.file.replace(/\/[^/]*$/u, ''))} && ` : ''
      return `(umask 077 && ${folder}${hintLine(hint.from, place)} >${shellWord(hint.file)})`
    }
    case 'sequence':
      return hint.hints.map((one) => hintLine(one, place)).join(' && ')
  }
}

/** What a shell would take apart is quoted. */
export function shellWord(arg: string): string {
  return /^[\w@%+=:,./•-]+$/u.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`
}

function clusterFlags({ cluster, given }: HintPlace, contextFlag: string): string[] {
  const { kubeconfig, context } = cluster ?? given
  return [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : [contextFlag, context]),
  ]
}

function namespaceFlag({ namespace }: { readonly namespace?: string }): string[] {
  return namespace === undefined ? [] : ['-n', namespace]
}

const SHORT: Readonly<Record<string, string>> = {
  '-C': '--dir',
  '-e': '--env',
  '-n': '--namespace',
  '-f': '--values',
  '-c': '--container',
}

/** What this run was told and the command does not say itself. */
function flagsFor(args: readonly string[], { given }: HintPlace): string[] {
  const named = new Set(args.map(flagName))
  // What is taken back is not made of values.
  const groups = (FLAG_GROUPS[args[0] ?? ''] ?? []).filter((group) => group !== 'values' || !named.has('--undo'))
  // `--project` says to do without a forge.yaml, and a saved plan says itself what it was made with.
  const bare = named.has('--project')
  const flag = (group: Group, name: string, value: string | undefined): string[] =>
    value === undefined || !groups.includes(group) || named.has(SHORT[name] ?? name) ? [] : [name, value]
  return [
    ...(bare ? [] : flag('project', '-C', given.dir)),
    ...(bare ? [] : flag('project', '--env', given.env)),
    ...(given.untrusted === true && groups.includes('project') ? ['--untrusted'] : []),
    ...flag('project', '--allow-env', given['allow-env']),
    ...flag('project', '--allow-chart', given['allow-chart']),
    ...flag('cluster', '--kubeconfig', given.kubeconfig),
    ...flag('cluster', '--context', given.context),
    ...flag('place', '-n', given.namespace),
    ...flag('place', '--project', given.project),
    ...(named.has('--plan')
      ? []
      : [
          ...(given.values ?? []).flatMap((file) => flag('values', '--values', file)),
          ...SET_FLAGS.flatMap((name) => (given[name] ?? []).flatMap((one) => flag('values', `--${name}`, one))),
          ...(given.release ?? []).flatMap((name) => flag('values', '--release', name)),
          ...(given.only === true && groups.includes('values') ? ['--only'] : []),
          ...flag('promotion', '--from', given.promotes),
          ...(given.image ?? []).flatMap((one) => flag('images', '--image', one)),
        ]),
  ]
}

/** What stands behind `--` is a command of somebody else. */
function againWords(typed: readonly string[], hint: Extract<Hint, { kind: 'again' }>): string[] {
  const end = typed.includes('--') ? typed.indexOf('--') : typed.length
  return [...leftOf(typed.slice(0, end), hint), ...hint.args, ...typed.slice(end)]
}

/** What was typed, without the flags that are replaced. */
function leftOf(typed: readonly string[], { args, without }: Extract<Hint, { kind: 'again' }>): string[] {
  const replaced = new Set([...args, ...without].filter((arg) => arg.startsWith('-')).map(flagName))
  // Flags that may be given several times add to those that are there.
  for (const name of ['--confirm', '--values', '--image', ...SET_FLAGS.map((one) => `--${one}`)]) replaced.delete(name)
  const left: string[] = []
  for (let at = 0; at < typed.length; at += 1) {
    const word = typed[at] ?? ''
    if (!word.startsWith('-') || !replaced.has(flagName(word))) left.push(word)
    // `--env prod` are two words, `--env=prod` and `-eprod` one, `--yes` has no value.
    else if (!isJoined(word) && !(typed[at + 1] ?? '-').startsWith('-')) at += 1
  }
  return left
}

/** Of a flag as it is typed: does its value stand in the same word? */
export function isJoined(word: string): boolean {
  return word.startsWith('--') ? word.includes('=') : word.length > 2
}

/** `--env` of `--env=prod` and of `-eprod`. */
export function flagName(word: string): string {
  if (word.startsWith('--')) return word.split('=')[0] ?? word
  return SHORT[word.slice(0, 2)] ?? word
}

function forgeLine(words: readonly string[], place: HintPlace): string {
  return ['forge', ...words.map((word, at) => settingWord(word, words[at - 1], place))].join(' ')
}

/** A value of `--set` that must not be shown is left to a variable of the shell: the line still says what is set. */
function settingWord(word: string, before: string | undefined, { conceals }: HintPlace): string {
  const [, joined = ''] = /^(--set(?:-[a-z]+)?=)/u.exec(word) ?? []
  const flag = joined === '' ? (before ?? '') : joined.slice(0, -1)
  const setting = word.slice(joined.length)
  // That of --set-file names the file alone.
  const isShown = flag === '--set-file' || !/^--set(?:-[a-z]+)?$/u.test(flag) || !hasConcealed(setting, conceals)
  if (isShown) return shellWord(word)
  const name = /^[^={]+(?==)/u.exec(setting)?.[0] ?? ''
  const shown = name === '' ? joined : `${joined}${name}=`
  return `${shown === '' ? '' : shellWord(shown)}"$${variableFor(name)}"`
}

/** Of a shell. A document of --set-json has no name of its own. */
function variableFor(name: string): string {
  const last = name.split('.').at(-1) ?? name
  const variable = last.toUpperCase().replaceAll(/\W/gu, '_')
  return variable === '' ? 'VALUES' : variable.replace(/^(?=\d)/u, '_')
}

/** One of several assignments, or of the texts of a JSON document, is enough. */
function hasConcealed(setting: string, conceals: HintPlace['conceals']): boolean {
  const [, name = '', rest = ''] = /^([^=]*)=(.*)$/su.exec(setting) ?? []
  const assigned = setting.split(',').flatMap((part) => {
    const equals = part.indexOf('=')
    return equals < 0 ? [] : [[part.slice(0, equals), part.slice(equals + 1)] as const]
  })
  const inJson = [...setting.matchAll(/"([^"]+)"\s*:\s*("(?:\\.|[^"])*"|[^\s,{}[\]"]+)/gu)].map(
    ([, key = '', value = '']) => [key, value.replace(/^"(.*)"$/su, '$1')] as const,
  )
  return [[name, rest] as const, ...assigned, ...inJson].some(([one, value]) => value !== '' && conceals(one, value))
}
