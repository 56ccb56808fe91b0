/**
 * A test double for hashicorp/null, where Terraform has no registry: the same plan with `terraform_data`, which is built into Terraform and has
 * the same life (created, replaced when a trigger changes, destroyed, each with its commands). What is not tried by it is the provider's own
 * download.
 */
export function toBuiltIn(plan: string): string {
  const json = JSON.parse(plan) as {
    provider?: object;
    resource: { null_resource: Record<string, { triggers: Record<string, string>; provisioner: object[] }> };
    terraform: { required_providers?: object };
  };
  const steps = Object.entries(json.resource.null_resource).map(([name, { triggers, ...rest }]) => [
    name,
    { ...rest, triggers_replace: triggers },
  ]);
  const { required_providers: _, ...terraform } = json.terraform;
  const text = JSON.stringify({ resource: { terraform_data: Object.fromEntries(steps) }, terraform });
  return text.replaceAll('self.triggers.', 'self.triggers_replace.').replaceAll('null_resource.', 'terraform_data.');
}
