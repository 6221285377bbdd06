import { again } from '../../hint.ts'
import { textOf, type SourceType } from './source-type.ts'

interface EnvSource {
  readonly kind: 'env'
  readonly name: string
}

export const ENV: SourceType<EnvSource> = {
  details: [],
  needs: [],
  parse: (raw) => ({ kind: 'env', name: textOf(raw, 'env') }),
  describe: ({ name }) => `environment variable ${name}`,
  isElsewhere: true,
  refused: ({ name }, variables) =>
    variables.includes(name)
      ? undefined
      : {
          message: `would read the environment variable ${name}, which --allow-env does not name`,
          hint: again('--allow-env', [...variables, name].join(',')),
        },
}
