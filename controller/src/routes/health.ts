import { Type } from '#contract/schema';
import { asking } from './limits.ts';
import type { RouteApp, RouteDeps } from './route-app.ts';

const Health = Type.Object({ status: Type.Literal('ok') }, { additionalProperties: false });
const Ready = Type.Object({ ready: Type.Boolean(), checks: Type.Record(Type.String(), Type.String()) }, { additionalProperties: false });

export function healthRoutes(app: RouteApp, { checkReady, metrics }: RouteDeps): void {
  const tags = ['operate'];
  const config = { access: 'public', rateLimit: asking } as const;

  app.get('/health', { config, schema: { tags, summary: 'The process lives', response: { 200: Health } } }, async () => ({
    status: 'ok' as const,
  }));

  app.get(
    '/ready',
    { config, schema: { tags, summary: 'A session could start', response: { 200: Ready, 503: Ready } } },
    async (_request, reply) => {
      const report = await checkReady();
      return reply.code(report.ready ? 200 : 503).send(report);
    },
  );

  app.get('/metrics', { config, schema: { tags, summary: 'For Prometheus' } }, async (_request, reply) => {
    const { contentType, text } = await metrics.render();
    return reply.type(contentType).send(text);
  });
}
