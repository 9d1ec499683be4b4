import { runService } from '@raison/service-kit'
import { readConfig } from './config.ts'
import { createDriftMonitor } from './create-drift-monitor.ts'

await runService('drift-monitor', readConfig, createDriftMonitor)
