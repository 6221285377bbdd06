import { canonical, digestOf } from '../canonical.ts'

/** What a build can see at one path of a folder. Paths are within the folder, with slashes. */
export type ContextFile =
  /** `digest`: of its bytes, in hex. Owner, times and every other bit of the mode differ from machine to machine. */
  | { readonly kind: 'file'; readonly path: string; readonly digest: string; readonly isExecutable: boolean }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** The folder `.git`: how it is packed differs from clone to clone, what is checked out does not. */
  | { readonly kind: 'commit'; readonly path: string; readonly id: string }

/** A folder, or a git repository at a commit (`https://…/app.git#0123…:folder`). */
export type ContextContent = readonly ContextFile[] | string

/** All that decides what a build makes, as far as it is known before it runs. */
export interface BuildContent {
  /** Undefined: it is a file of the context, which is elsewhere. */
  readonly dockerfile: string | undefined
  /** Its path within a context that is elsewhere. */
  readonly dockerfilePath: string | undefined
  readonly target: string | undefined
  readonly platforms: readonly string[]
  readonly args: Readonly<Record<string, string>>
  /** Ids. What they hold must not end up in an image, so it changes none. */
  readonly secrets: readonly string[]
  /** Images that the Dockerfile begins from, by the digest that their registry has now. */
  readonly bases: Readonly<Record<string, string>>
  readonly context: ContextContent
  /** Beside the context, by name. */
  readonly contexts: Readonly<Record<string, ContextContent>>
}

/** Another meaning of the digest is another number here: no tag of before fits then. */
const FORMAT = 2
const DIGITS = 16

/** `sha-0123456789abcdef`: the same sources, the same tag. */
export async function contentTag(content: BuildContent): Promise<string> {
  const contexts = Object.entries(content.contexts).map(([name, one]) => [name, sorted(one)] as const)
  const text = canonical({
    ...content,
    format: FORMAT,
    platforms: content.platforms.toSorted(),
    secrets: content.secrets.toSorted(),
    context: sorted(content.context),
    contexts: Object.fromEntries(contexts),
  })
  return `sha-${(await digestOf(text)).slice(0, DIGITS)}`
}

/** By code units: the order of a folder is the file system's own, and a locale's is a machine's. */
function sorted(content: ContextContent): ContextContent {
  if (typeof content === 'string') return content
  return content.toSorted((one, other) => (one.path < other.path ? -1 : 1))
}
