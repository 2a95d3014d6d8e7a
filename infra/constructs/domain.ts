import { CfnOutput } from 'aws-cdk-lib'
import { ApiMapping, DomainName, type HttpStage, SecurityPolicy } from 'aws-cdk-lib/aws-apigatewayv2'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import { Construct } from 'constructs'
import type { StageConfig } from '#infra/stages/config.ts'

/**
 * The domain of a stage, with all paths of its API. Its DNS record is the operator's: an alias or a CNAME to the target that
 * the outputs have.
 */
export function addDomain(
  scope: Construct,
  { name, certificateArn }: NonNullable<StageConfig['domain']>,
  stage: HttpStage,
): void {
  const group = new Construct(scope, 'Domain')
  const domainName = new DomainName(group, 'Name', {
    domainName: name,
    certificate: Certificate.fromCertificateArn(group, 'Certificate', certificateArn),
    securityPolicy: SecurityPolicy.TLS_1_2,
  })
  new ApiMapping(group, 'Mapping', { api: stage.api, domainName, stage })
  new CfnOutput(scope, 'DomainTarget', {
    value: domainName.regionalDomainName,
    description: `Target of the DNS record of ${name}`,
  })
  new CfnOutput(scope, 'DomainTargetZoneId', {
    value: domainName.regionalHostedZoneId,
    description: 'Hosted zone of the target, for an alias record of Route 53',
  })
}
