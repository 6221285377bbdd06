import { describeCharts } from '../support/chart-tests.ts'

await describeCharts(4)
