import { Help } from '@oclif/core/help'
import type { Command } from '@oclif/core/command'
import { projectFolder } from '../adapters/files/project-folder.ts'
import { forge, hintLine, type HintPlace } from '../hint.ts'
import { commandPage, commandRows, frontPage, type Listed } from '../screen/front-page.ts'
import { GROUPS } from './groups.ts'
import { drawnWidth, fit } from './width.ts'

/** Nothing was typed that the first step would have to name again. */
const NOWHERE: HintPlace = { typed: [], given: {}, cluster: undefined, helm: undefined, conceals: () => false }

/** As the manifest has it. */
interface Described {
  readonly id: string
  readonly summary?: string | undefined
  readonly group?: string
}

/** `forge`, `forge --help` and the help of a topic, from the manifest: no command is loaded. package.json names it to oclif. */
export class FrontDoor extends Help {
  override async showHelp(argv: string[]): Promise<void> {
    if (argv.length > 0) return await super.showHelp(argv)
    this.log(fit(frontPage(hintLine(forge(...this.#firstStep()), NOWHERE), drawnWidth(process.stdout)), process.stdout))
  }

  protected override async showRootHelp(): Promise<void> {
    this.log(fit(commandPage(this.sortedCommands.map(listed), GROUPS), process.stdout))
    return await Promise.resolve()
  }

  protected override formatCommands(commands: Command.Loadable[]): string {
    return fit(['COMMANDS', ...commandRows(commands.map(listed))], process.stdout)
  }

  #firstStep(): string[] {
    if (projectFolder(process.cwd(), true) !== undefined) return ['plan']
    return ['init']
  }
}

/** What stands below a topic is a group of its own. */
function listed({ id, summary = '', group }: Described): Listed {
  const [topic = id, ...rest] = id.split(/[: ]/u)
  return { name: [topic, ...rest].join(' '), summary, group: rest.length > 0 ? topic : group }
}
