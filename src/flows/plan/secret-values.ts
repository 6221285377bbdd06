import { showPosition } from '../../domain/config/position.ts'
import { releaseNames } from '../../domain/config/select.ts'
import { secretTexts } from '../../domain/manifest/secret-texts.ts'
import { counted } from '../../domain/screen/counted.ts'
import { givenTexts } from '../../domain/values/given-texts.ts'
import { settingsOf } from '../../domain/values/settings.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { DeployContext, DeployPorts } from '../deploy/context.ts'
import { textOf } from '../../domain/values/text-of.ts'

/**
 * Chart values stay in helm's record and in the ConfigMaps that are made of them, where many may read them. Throws
 * E_VALUES_SECRET for all that hold the value of a secret.
 */
export function checkValues({ works, project }: DeployContext, { redactor }: Pick<DeployPorts, 'redactor'>): void {
  const found = works.flatMap(({ configuration }) =>
    [...configuration.origins].flatMap(([path, [{ origin, value }]]) => {
      if (!redactor.reveals(textOf(value))) return []
      return [{ path, where: origin.kind === 'file' ? showPosition(origin.at) : `${origin.text} ${path}` }]
    }),
  )
  const [first, ...others] = found
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` (and ${counted(others.length, 'more value')})`
  throw new ForgeError(
    'E_VALUES_SECRET',
    `the chart value ${first.path} holds the value of a secret, and helm's record would keep it${more}`,
    {
      hint: forge('render', '--env', project.environment.name, '--why', first.path),
      where: first.where,
      problems: found.map(({ path, where }) => ({ message: `${path} holds the value of a secret`, where })),
    },
  )
}

/** What --set gives and a chart puts into a Secret is one from now on: it is shown neither in hints nor anywhere else. */
export function concealGiven(
  { works, project }: Pick<DeployContext, 'works' | 'project'>,
  { redactor }: Pick<DeployPorts, 'redactor'>,
): void {
  const settings = settingsOf(project.overrides)
  if (settings.length === 0) return
  const secrets = works.flatMap(({ rendered }) => rendered.filter(({ object }) => object.kind === 'Secret'))
  const texts = new Set(secrets.flatMap(({ object }) => secretTexts(object)))
  const releases = releaseNames(project)
  const given = settings.flatMap((setting) => givenTexts(setting, releases).map(({ text }) => text))
  for (const text of [...given, ...textsOfFiles(works)]) if (texts.has(text)) redactor.add(text)
}

/** What --set-file has read: the setting itself names only the file. */
function textsOfFiles(works: DeployContext['works']): string[] {
  const won = works.flatMap(({ configuration }) => [...configuration.origins.values()].map(([first]) => first))
  return won.flatMap(({ origin, value }) =>
    origin.kind === 'flag' && origin.text === '--set-file' && typeof value === 'string' ? [value] : [],
  )
}
