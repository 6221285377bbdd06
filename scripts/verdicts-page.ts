import type { VerdictText } from '../src/verdict-codes.ts'

const HEAD = `# Verdicts

What \`forge deploy\`, \`forge rollback\` and \`forge status\` say of a workload that does not become ready. One code never changes its
meaning. The exit status is 4 when the previous state was restored, else 5; \`forge status\` exits with 8.
\`forge explain CODE\` shows the same offline. How forge judges, and the settings \`grace\` and \`allow\` of a stage:
[readiness.md](readiness.md), [forge-yaml.md](forge-yaml.md#stages). All other codes: [troubleshooting.md](troubleshooting.md).

Capitals in commands are to be filled in; in the verdict itself the command under \`next\` runs as it stands.
\`node scripts/write-verdicts.ts\` writes this page from \`src/verdict-codes.ts\`.
`

/** docs/verdicts.md: one section per code, in the order in which people meet them. */
export function verdictsPage(codes: Readonly<Record<string, VerdictText>>): string {
  return [HEAD, ...Object.entries(codes).map(([code, text]) => section(code, text))].join('\n')
}

function section(code: string, { about, example, counts, next }: VerdictText): string {
  return [
    `## ${code}`,
    '',
    about,
    '',
    '```',
    example,
    '```',
    '',
    `**Counts.** ${counts}`,
    '',
    ...next.map(({ say, run }) => `- ${say}${run === undefined ? '' : ` \`${run}\``}`),
    '',
  ].join('\n')
}
