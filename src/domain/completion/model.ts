/** What stands where a word is missing. */
export type Kind =
  | 'environment'
  | 'release'
  | 'component'
  | 'secret'
  | 'deploy'
  | 'code'
  | 'image'
  | 'file'
  | 'folder'
  /** Nothing that is known beforehand. */
  | 'text'
  | readonly string[]

export interface FlagEntry {
  readonly name: string
  readonly char?: string
  readonly summary: string
  /** Undefined: it takes no value. */
  readonly takes?: Kind
  readonly many?: true
}

export interface CommandEntry {
  readonly summary: string
  readonly flags: readonly FlagEntry[]
  readonly args: readonly Kind[]
}

/** Written by the build, from the same source as `--help`. */
export interface Catalog {
  /** By the words as they are typed: `secrets apply`. */
  readonly commands: Readonly<Record<string, CommandEntry>>
  /** Of the words that commands begin with. */
  readonly topics: Readonly<Record<string, string>>
  readonly codes: readonly Candidate[]
}

/** The word, and what is said beside it. */
export type Candidate = readonly [word: string, about: string]

/** What only a project, or what was seen of its cluster, can say. */
export type NamedKind = Exclude<Kind, readonly string[] | 'file' | 'folder' | 'text'>

export type Completion =
  | { readonly candidates: readonly Candidate[] }
  /** The shell completes them itself. */
  | { readonly paths: 'file' | 'folder' }
  /** `lead`: what stands before the name in the same word, `--env=`. */
  | { readonly kind: NamedKind; readonly lead: string; readonly word: string; readonly typed: Typed }

/** Which project it is about, and what of it. */
export interface Typed {
  readonly environment?: string | undefined
  readonly dir?: string | undefined
}

/** What this machine saw last of an environment: names that a shell completes without asking a cluster. */
export interface Seen {
  /** All, newest first. */
  readonly deploys?: readonly SeenDeploy[]
  readonly components?: readonly string[]
}

/** And what became of it. */
export type SeenDeploy = readonly [number: number, about: string]

/** Of a forge.yaml. */
export interface FileNames {
  /** `defaultEnvironment` */
  readonly usual?: string
  readonly environments: readonly string[]
  readonly releases: readonly string[]
  readonly secrets: readonly string[]
  readonly images: readonly string[]
  /** Workloads of its stages. */
  readonly awaited: readonly string[]
}
