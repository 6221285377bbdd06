/**
 * What GitLab folds in a job's log (https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections): a line that begins a section, with
 * its title, and one that ends it. `seconds`: since 1970; `title` is shown as it stands.
 */
export function sectionStart(name: string, seconds: number, title: string): string {
  return `${CLEAR}section_start:${seconds}:${name}\r${CLEAR}${title}`
}

export function sectionEnd(name: string, seconds: number): string {
  return `${CLEAR}section_end:${seconds}:${name}\r${CLEAR}`
}

const CLEAR = '\u001B[0K'
