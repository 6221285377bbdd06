import * as Flags from '@oclif/core/flags'
import { projectFlags } from './forge-command.ts'

/** Of `forge images`: no cluster is asked. */
export const imagesFlags = {
  ...projectFlags,
  only: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'NAME',
    description: 'this image of forge.yaml alone',
  }),
}
