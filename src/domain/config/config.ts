import { ForgeError } from '../../errors.ts'
import { again, forge } from '../../hint.ts'
import { buildProject } from './build-project.ts'
import { checkSections, generateUsesOf } from './checks.ts'
import { readDocument } from './document.ts'
import { withEnvironmentInPaths } from './environment-paths.ts'
import { idleEverywhere } from './idle-generate.ts'
import { toProblems } from './issues.ts'
import type { Project } from './model.ts'
import { suggestion } from './nearest.ts'
import { overlay } from './overlay.ts'
import { isMap, ownValue, setOwn, type PlainMap } from './path.ts'
import type { Places } from './places.ts'
import { promotionProblems } from './promotions.ts'
import { byPosition, showPosition, type Problem } from './position.ts'
import { distinct, isNotEmpty, problemsError } from './problems.ts'
import { configSchema, resolvedSchema, type Config, type EnvironmentConfig, type Sections } from './schema.ts'

/** A forge.yaml that fits the schema, not yet seen from one environment. */
export interface ParsedConfig {
  readonly config: Config
  readonly places: Places
}

const SHOWN = 'forge.yaml'
const VALIDATE = forge('validate')

/** Throws E_CONFIG_SYNTAX or E_CONFIG_INVALID with everything that is wrong in `problems`. */
export function parseConfig(text: string, shown = SHOWN): ParsedConfig {
  const read = readDocument(text, shown, 'core')
  const syntax = read.problems.toSorted(byPosition)
  if (isNotEmpty(syntax)) throw problemsError('E_CONFIG_SYNTAX', syntax, VALIDATE)
  if (!isMap(read.value)) {
    const message =
      read.value === undefined || read.value === null
        ? 'is empty; it needs at least version, project and environments'
        : 'must be a map, with version, project and environments'
    throw problemsError(
      'E_CONFIG_INVALID',
      [{ message: `the document ${message}`, at: { file: shown, line: 1, column: 1 } }],
      forge('schema'),
    )
  }
  const value = withoutEmptySections(read.value)
  const result = configSchema.safeParse(value, { reportInput: true })
  const problems = result.success
    ? checkEnvironments(result.data, read.places)
    : toProblems(result.error.issues, value, configSchema, read.places)
  const sorted = distinct(problems).toSorted(byPosition)
  if (isNotEmpty(sorted)) throw problemsError('E_CONFIG_INVALID', sorted, VALIDATE)
  return { config: value as Config, places: read.places }
}

/** A section, or an environment, of which only the name is written (`stages:`) is an empty one. */
function withoutEmptySections(root: PlainMap): PlainMap {
  const filled: PlainMap = {}
  for (const [key, value] of Object.entries(root)) {
    if (value !== null || key === 'environments') setOwn(filled, key, value ?? {})
  }
  const environments = ownValue(filled, 'environments')
  if (!isMap(environments)) return filled
  const named = Object.entries(environments).map(([name, value]) => [name, value ?? {}] as const)
  return { ...filled, environments: Object.fromEntries(named) }
}

function checkEnvironments(config: Config, places: Places): Problem[] {
  const names = Object.keys(config.environments)
  const problems: Problem[] = names.flatMap((name) => checkEnvironment(config, name, places))
  // Of sections that fit: what does not is told by itself.
  if (problems.length === 0) {
    const seen = names.map((name) => sectionsOf(config, name, places))
    problems.push(...idleEverywhere(seen.flatMap((one) => generateUsesOf(one.value, one.places))))
  }
  problems.push(...promotionProblems(config.environments, places))
  if (names.length === 0)
    problems.push({ message: 'environments names no environment', at: places.keyOf(['environments']) })
  const { defaultEnvironment } = config
  if (defaultEnvironment !== undefined && !names.includes(defaultEnvironment)) {
    const message = `defaultEnvironment names an environment that does not exist: "${defaultEnvironment}"${suggestion(defaultEnvironment, names)}`
    problems.push({ message, at: places.of(['defaultEnvironment']) })
  }
  return problems
}

function checkEnvironment(config: Config, name: string, places: Places): Problem[] {
  const { cluster } = environmentOf(config, name)
  const problems: Problem[] = []
  if (
    isMap(cluster) &&
    cluster['sandbox'] !== undefined &&
    (['context', 'uid', 'load'] as const).some((key) => cluster[key] !== undefined)
  ) {
    const at = places.of(['environments', name, 'cluster'])
    problems.push({ message: `environments.${name}.cluster is the sandbox or a context, not both`, at })
  }
  const seen = sectionsOf(config, name, places)
  const result = resolvedSchema.safeParse(seen.value, { reportInput: true })
  const found = result.success
    ? checkSections(seen.value, seen.places)
    : toProblems(result.error.issues, seen.value, resolvedSchema, seen.places)
  return [...problems, ...found]
}

function environmentOf(config: Config, name: string): EnvironmentConfig {
  return config.environments[name] ?? {}
}

/** The project's sections with an environment's laid over them. */
function sectionsOf(config: Config, name: string, places: Places): { value: Sections; places: Places } {
  const { version: _v, project: _p, defaultEnvironment: _d, environments: _e, ...base } = config
  const {
    cluster: _c,
    namespace: _n,
    protected: _r,
    drift: _t,
    pullCheck: _k,
    managedBy: _m,
    promotes: _o,
    ...over
  } = environmentOf(config, name)
  const { value, moved } = overlay(base, over, ['environments', name])
  return { value: withEnvironmentInPaths(value, name), places: places.withMoved(moved) }
}

/**
 * `--env`, else FORGE_ENV (both as `asked`), else defaultEnvironment, else the only one; never silently a protected one.
 * Throws E_ENVIRONMENT_UNKNOWN, E_ENVIRONMENT_REQUIRED.
 */
export function chooseEnvironment({ config, places }: ParsedConfig, asked: string | undefined): string {
  const names = Object.keys(config.environments)
  if (asked !== undefined && asked !== '') {
    if (names.includes(asked)) return asked
    throw new ForgeError(
      'E_ENVIRONMENT_UNKNOWN',
      `forge.yaml has no environment "${asked}"${suggestion(asked, names)}`,
      {
        hint: again('--env', names[0] ?? 'NAME'),
        where: showPosition(places.keyOf(['environments'])),
      },
    )
  }
  const only = names.length === 1 ? names[0] : undefined
  const chosen = config.defaultEnvironment ?? only
  if (chosen === undefined) {
    throw new ForgeError('E_ENVIRONMENT_REQUIRED', `say which environment is meant: ${names.join(', ')}`, {
      hint: again('--env', names.find((name) => environmentOf(config, name).protected !== true) ?? names[0] ?? 'NAME'),
      where: showPosition(places.keyOf(['environments'])),
    })
  }
  if (environmentOf(config, chosen).protected === true) {
    throw new ForgeError('E_ENVIRONMENT_REQUIRED', `"${chosen}" is protected and is never chosen silently; name it`, {
      hint: again('--env', chosen),
      where: showPosition(places.keyOf(['environments', chosen])),
    })
  }
  return chosen
}

/** The project as one environment sees it. `file` is absolute and `dir` its folder. */
export function resolveProject(parsed: ParsedConfig, name: string, location: { file: string; dir: string }): Project {
  const { config, places } = parsed
  const sections = sectionsOf(config, name, places)
  return buildProject({
    ...location,
    name: config.project,
    environment: { name, config: environmentOf(config, name) },
    sections: sections.value,
    places: sections.places,
  })
}
