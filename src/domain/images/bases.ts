import { DockerfileParser, ModifiableInstruction, type From, type Instruction } from 'dockerfile-ast'
import { interpolate, type Lookup } from '../values/interpolate.ts'
import { parseReference } from './reference.ts'

/** What decides which images a Dockerfile begins from. */
export interface BasesRequest {
  readonly args: Readonly<Record<string, string>>
  /** `linux/amd64`; each is built. */
  readonly platforms: readonly string[]
  /** That of the builder. */
  readonly builds: string
  /** Names that stand for another context, whatever registries have under them. */
  readonly contexts: readonly string[]
}

export interface Bases {
  /** References by which a tag is named that can move, without repetition and as the Dockerfile has them, variables filled in. */
  readonly floating: readonly string[]
  /** Texts of which it is not known which image they name: a variable is not set. */
  readonly unknown: readonly string[]
}

/**
 * Images that a Dockerfile takes from elsewhere: `FROM`, `COPY --from` and mounts `from=`, but for stages of its own and
 * those that are named by digest already (https://docs.docker.com/reference/dockerfile/).
 */
export function basesOf(dockerfile: string, request: BasesRequest): Bases {
  const parsed = DockerfileParser.parse(dockerfile)
  const stages = new Set<string>(request.contexts)
  const [floating, unknown] = [new Set<string>(), new Set<string>()]
  const use = (text: string, platform: string): void => {
    const { text: name, unset } = interpolate(text, lookupFor(parsed.getInitialARGs(), platform, request))
    if (unset.length > 0) unknown.add(text)
    else if (!isOwn(name, stages) && isFloating(name)) floating.add(name)
  }
  for (const instruction of parsed.getInstructions()) {
    for (const text of namedBy(instruction)) for (const platform of request.platforms) use(text, platform)
    // A stage is known from its own line on.
    const stage = isFrom(instruction) ? instruction.getBuildStage() : null
    if (stage !== null) stages.add(stage.toLowerCase())
  }
  return { floating: [...floating], unknown: [...unknown] }
}

function namedBy(instruction: Instruction): string[] {
  if (isFrom(instruction)) return present(instruction.getImage())
  const keyword = instruction.getKeyword()
  const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags() : []
  return flags.flatMap((flag) => {
    if (keyword === 'COPY' && flag.getName() === 'from') return present(flag.getValue())
    if (keyword === 'RUN' && flag.getName() === 'mount') return present(flag.getOption('from')?.getValue())
    return []
  })
}

function isFrom(instruction: Instruction): instruction is From {
  return instruction.getKeyword() === 'FROM'
}

function present(text: string | null | undefined): string[] {
  // Quotes are taken away as a shell does it.
  const [, , quoted = text ?? ''] = /^(["'])(.*)\1$/su.exec(text ?? '') ?? []
  return quoted === '' ? [] : [quoted]
}

/** A stage by its name or its number, or nothing at all. */
function isOwn(name: string, stages: ReadonlySet<string>): boolean {
  return name === 'scratch' || /^\d+$/u.test(name) || stages.has(name.toLowerCase()) || stages.has(name)
}

function isFloating(name: string): boolean {
  const parsed = parseReference(name)
  return !('problem' in parsed) && parsed.digest === undefined
}

type InitialArgs = ReturnType<ReturnType<typeof DockerfileParser.parse>['getInitialARGs']>

/** Arguments before the first `FROM`, with what is given for them, and those that every builder sets. */
function lookupFor(declared: InitialArgs, platform: string, { args, builds }: BasesRequest): Lookup {
  const known = new Map([...platformArgs('TARGET', platform), ...platformArgs('BUILD', builds)])
  for (const arg of declared) {
    const property = arg.getProperty()
    const name = property?.getName()
    if (property === null || name === undefined) continue
    const given = Object.hasOwn(args, name) ? args[name] : undefined
    const written = property.getValue() ?? property.getUnescapedValue()
    const value = given ?? (written === null ? undefined : interpolate(written, (other) => known.get(other)).text)
    if (value !== undefined) known.set(name, value)
  }
  return (name) => known.get(name)
}

function platformArgs(prefix: string, platform: string): [string, string][] {
  const [os = '', arch = '', variant = ''] = platform.split('/')
  return [
    [`${prefix}PLATFORM`, platform],
    [`${prefix}OS`, os],
    [`${prefix}ARCH`, arch],
    [`${prefix}VARIANT`, variant],
  ]
}
