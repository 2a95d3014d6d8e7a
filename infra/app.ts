import { App, Validations } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { findingText, throwOnErrors } from '#infra/checks/findings.ts'
import { checkSystem } from '#infra/checks/system.ts'
import { checkTemplate } from '#infra/checks/template.ts'
import { loadDeclarations, reportUserErrors } from '#infra/command/report-user-errors.ts'
import { loadJobModules } from '#infra/estimates/job-modules.ts'
import { stageConfig } from '#infra/stages/config.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { defined } from '#shared/domain/defined.ts'
import { routeTable } from '#shared/http/routes.ts'
import metadata from '../package.json' with { type: 'json' }
import { FreshetStack } from './stack.ts'

await reportUserErrors(async () => {
  const declarations = await loadDeclarations()
  const app = new App()
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))

  const context = (name: string) => app.node.tryGetContext(name) as string | undefined
  const config = stageConfig(context('stage') ?? 'dev', { alarmEmail: context('alarmEmail') })
  const system = resolveSystem(declarations, config.settings)
  const now = Date.now()
  const findings = checkSystem(system, config, await loadJobModules(system.jobs, now), now)
  for (const finding of findings) if (finding.severity === 'warning') console.warn(findingText(finding))
  throwOnErrors(findings)
  const { bundleAndRecord } = await import('#infra/bundle/reuse.ts')
  await bundleAndRecord()

  const stack = new FreshetStack(app, `Freshet-${config.stage}`, {
    config,
    declarations,
    codeOf: (name) => Code.fromAsset(`dist/functions/${name}`),
    version: metadata.version,
    ...defined({ env: config.region === undefined ? undefined : { region: config.region } }),
  })
  const { template } = app.synth().getStackArtifact(stack.artifactId)
  throwOnErrors(checkTemplate(template, routeTable(system.jobs)))
})
