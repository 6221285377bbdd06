import { describeCharts } from '../support/chart-tests.ts'

// A few of them; `npm run test:charts` walks through all, with both helms.
await describeCharts(3, ['crds-templates', 'same-port'])
await describeCharts(4, ['crds-folder', 'twin-fields'])
