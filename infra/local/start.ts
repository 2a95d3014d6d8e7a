import { expectSoundSystem } from '#infra/checks/system.ts'
import { runStart } from './host/start-command.ts'

await runStart((declarations, settings) => expectSoundSystem(declarations, settings, Date.now()))
