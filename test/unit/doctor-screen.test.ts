import { expect, test } from '@jest/globals'
import { doctorRows, type DoctorDocument, type ShownLine } from '../../src/screen/doctor.ts'

const line = (group: ShownLine['group'], state: ShownLine['state'], text: string, hint: string | null = null) => {
  return { group, state, text, hint, code: null, where: null, brief: false }
}
const brief = (group: ShownLine['group'], text: string): ShownLine => ({ ...line(group, 'ok', text), brief: true })

const FOUND: DoctorDocument = {
  ...{ apiVersion: 'forge/v1', command: 'doctor', project: 'shop', environment: 'prod', namespace: 'shop' },
  ready: false,
  counts: { ok: 4, warning: 1, problem: 2, unchecked: 1 },
  lines: [
    line('tools', 'ok', 'helm 4.3.1'),
    brief('project', 'values'),
    line('project', 'problem', 'key a: a.txt is missing', 'forge secrets generate --env prod'),
    line('project', 'problem', 'key b: b.txt is missing', 'forge secrets generate --env prod'),
    brief('project', 'drift'),
    line('network', 'ok', '1 Service selects pods'),
    line(
      'network',
      'warning',
      'Ingress/web wants IngressClass ngnix, and the cluster has nginx: nothing serves it',
      'kubectl --context prod-eu get ingressclasses',
    ),
    line('workloads', 'unchecked', 'room on the nodes: you may not list nodes'),
  ],
  next: 'forge doctor --env prod',
}

test('grouped, what is to be mended first, and one hint for what it mends together', () => {
  expect(doctorRows(FOUND, 80)).toEqual([
    'shop in prod (namespace shop)',
    '',
    'tools      ✔ helm 4.3.1',
    'project    ✖ key a: a.txt is missing',
    '           ✖ key b: b.txt is missing',
    '             → forge secrets generate --env prod',
    '           ✔ values, drift',
    'network    ! Ingress/web wants IngressClass ngnix, and the cluster has nginx:',
    '             nothing serves it',
    '             → kubectl --context prod-eu get ingressclasses',
    '           ✔ 1 Service selects pods',
    'workloads  ? not checked: room on the nodes: you may not list nodes',
    '',
    '2 problems to mend first, 1 warning, 1 not checked',
    'next       forge doctor --env prod',
  ])
})

test.each([40, 60, 80, 120])('fits %i columns', (width) => {
  expect(doctorRows(FOUND, width).filter((row) => row.length > width)).toEqual([])
})

test('where nobody watches, a command stays on one line', () => {
  const rows = doctorRows(FOUND, 40, Number.POSITIVE_INFINITY)
  expect(rows).toContain('             → kubectl --context prod-eu get ingressclasses')
})

test('where all is well it says so, and leads on', () => {
  const well = {
    ...FOUND,
    lines: [],
    counts: { ok: 3, warning: 0, problem: 0, unchecked: 0 },
    next: 'forge plan --env prod',
  }
  expect(doctorRows(well, 80).slice(-2)).toEqual([
    'nothing found that would make a deploy fail',
    'next       forge plan --env prod',
  ])
})
