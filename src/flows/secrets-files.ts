import { absolutePath, relativeTo } from '../domain/config/file-path.ts'
import type { Project } from '../domain/config/model.ts'
import type { ClusterReader, SecretMaker, VersionControl } from '../ports.ts'
import type { ProjectPorts, SecretSink } from './project/ports.ts'

export interface GeneratePorts extends ProjectPorts, OldSecrets {
  readonly maker: SecretMaker
  readonly versionControl: VersionControl
  /** Runs `work` while no other forge of this machine makes secrets in these folders (absolute). */
  readonly alone: Alone
  /** The environment's cluster, asked for values that live there only. Undefined: not asked (--offline, no sandbox runs). */
  readonly connect?: () => Promise<Pick<ClusterReader, 'get'>>
}

export type Alone = <T>(folders: readonly string[], work: () => Promise<T>) => Promise<T>

export interface GeneratedFile {
  /** Relative to the project. */
  readonly file: string
  readonly secrets: readonly string[]
  readonly outcome: 'made' | 'replaced' | 'exists'
  /** Where the old content is, for `replaced`: an absolute path outside the project. */
  readonly copy?: string
}

/** Writes what is missing, keeps account, and never replaces a file unless it is forced to, with a copy. */
export class SecretFiles {
  readonly #project: Project
  readonly #ports: GeneratePorts
  readonly #redact: SecretSink
  readonly #files = new Map<string, GeneratedFile & { readonly isPrivate: boolean }>()

  constructor(project: Project, ports: GeneratePorts, redact: SecretSink) {
    this.#project = project
    this.#ports = ports
    this.#redact = redact
  }

  full(file: string): string {
    return absolutePath(this.#project.dir, file)
  }

  has(file: string): Promise<boolean> {
    return this.#ports.files.exists(this.full(file))
  }

  async read(file: string): Promise<string | undefined> {
    return this.#ports.files.read(this.full(file))
  }

  knows(file: string): boolean {
    return this.#files.has(this.full(file))
  }

  note(
    file: string,
    secret: string,
    outcome: GeneratedFile['outcome'],
    more: { copy?: string; isPrivate?: boolean } = {},
  ): void {
    const full = this.full(file)
    const known = this.#files.get(full)
    const secrets = [...new Set([...(known?.secrets ?? []), secret])]
    const { copy, isPrivate = true } = more
    this.#files.set(full, {
      file: relativeTo(this.#project.dir, full),
      secrets,
      // What was made for one secret is not "there already" for the next that uses it.
      outcome: known?.outcome ?? outcome,
      isPrivate,
      ...(copy === undefined ? {} : { copy }),
    })
  }

  async make(file: string, secret: string, content: (maker: SecretMaker) => string, force: boolean): Promise<void> {
    const existing = await this.read(file)
    if (existing !== undefined && !(force && !this.knows(file))) {
      this.#redact.add(existing)
      this.note(file, secret, 'exists')
      return
    }
    await this.put(file, secret, content(this.#ports.maker), existing)
  }

  /** `isPrivate: false` for certificates, which are shown to every client anyway. */
  async put(
    file: string,
    secret: string,
    content: string,
    existing: string | undefined,
    isPrivate = true,
  ): Promise<void> {
    const copy =
      existing === undefined ? undefined : await keepCopy(this.#project, this.full(file), existing, this.#ports)
    if (isPrivate) this.#redact.add(content)
    await this.#ports.files.write(this.full(file), content, isPrivate ? 0o600 : 0o644)
    this.note(file, secret, copy === undefined ? 'made' : 'replaced', {
      isPrivate,
      ...(copy === undefined ? {} : { copy }),
    })
  }

  report(): GeneratedFile[] {
    return [...this.#files.values()].map(({ isPrivate: _, ...file }) => file)
  }

  private(): { file: string; full: string }[] {
    return [...this.#files].filter(([, { isPrivate }]) => isPrivate).map(([full, { file }]) => ({ file, full }))
  }
}

export interface OldSecrets {
  /** Absolute: the folder of this machine's state for forge. Never below a project, whose repository might take it in. */
  readonly stateFolder: string
}

/** The old content of a secret's file, for its owner only, under a name with the time that nothing has yet. Returns the path. */
export async function keepCopy(
  { name, dir }: Pick<Project, 'name' | 'dir'>,
  full: string,
  content: string | Uint8Array,
  { files, clock, stateFolder }: Pick<ProjectPorts, 'files' | 'clock'> & OldSecrets,
): Promise<string> {
  const parts = relativeTo(dir, full)
    .split('/')
    .map((part) => (part === '..' ? '_' : part))
    .filter((part) => part !== '')
  const path = [stateFolder, name, 'old-secrets', ...parts].join('/')
  const suffix = stamp(clock.now())
  let more = ''
  for (let copy = 2; await files.exists(`${path}.${suffix}${more}`); copy += 1) more = `-${copy}`
  await files.write(`${path}.${suffix}${more}`, content, 0o600)
  return `${path}.${suffix}${more}`
}

function stamp(now: number): string {
  return new Date(now)
    .toISOString()
    .replace(/[-:]/gu, '')
    .replace(/\.\d+Z$/u, 'Z')
}
