import type { Project } from '../../domain/config/model.ts'
import type { Problem } from '../../domain/config/position.ts'
import { isNotEmpty, problemsError } from '../../domain/config/problems.ts'
import { showValuePath } from '../../domain/config/value-path.ts'
import { keeperOf } from '../../domain/sources/sources.ts'
import { again } from '../../hint.ts'

/** What would stand in the export in the clear, or would not be known. Throws one E_EXPORT for all of it. */
export function refuseUnknown({ releases, images }: Project): void {
  const problems: Problem[] = [
    ...releases.flatMap(({ name, set }) =>
      set
        .filter(({ source }) => keeperOf(source) !== undefined)
        .map(({ path, source }) => ({
          message: `set ${showValuePath(path)} of release ${name} comes from ${keeperOf(source) ?? ''}, and would stand in the export in the clear`,
          at: source.at,
        })),
    ),
    ...images.flatMap(({ name, from, repository = name, to, at }) =>
      from.kind === 'ref' || to.length === 0
        ? []
        : [
            {
              message: `which image ${name} is, is not known: an export builds none`,
              at,
              hint: again('--image', `${name}=${repository}@sha256:DIGEST`),
            },
          ],
    ),
  ]
  const [first] = problems
  if (first === undefined || !isNotEmpty(problems)) return
  throw problemsError('E_EXPORT', problems, first.hint ?? again('--help'))
}
