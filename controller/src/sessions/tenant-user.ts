/** A user, as this host tells them apart: two owners of API keys may each have a user of one name. Neither part has a slash in it. */
export function toTenantUser(owner: string, userId: string): string {
  return `${owner}/${userId}`;
}
